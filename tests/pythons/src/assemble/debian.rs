//! Downloads and unpacks packages of a newer Debian without telling the machine's own package
//! system.

use super::LIMIT;
use super::apt_sources::{Source, parse_list, parse_sources};
use crate::{Error, process};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the newest Pythons are, then where one stays that has left there.
const SUITES: [&str; 2] = ["sid", "trixie"];

/// The mirror that this machine gets Debian from.
pub(super) struct Archive {
    source: Source,
}

/// Unpacked packages.
pub(super) struct Library {
    /// By minor version: a folder that holds `usr/`.
    roots: BTreeMap<u32, PathBuf>,
    /// The folder with pip's wheel.
    pub(super) wheels: PathBuf,
}

impl Library {
    pub(super) fn root(&self, minor: u32) -> &Path {
        &self.roots[&minor]
    }
}

impl Archive {
    pub(super) fn of_this_machine() -> Result<Self, Error> {
        if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
            return Err(Error::assembly(
                "they can be assembled on x86-64 Debian only".to_owned(),
            ));
        }
        let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
        let field = |name: &str| -> String {
            let line = release
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            line.unwrap_or_default().trim_matches('"').to_owned()
        };
        if field("ID") != "debian" {
            return Err(Error::assembly(format!(
                "they can be assembled on Debian only, and this is `{}`",
                field("ID")
            )));
        }
        for program in ["apt-get", "dpkg", "cc"] {
            if which::which(program).is_err() {
                return Err(Error::assembly(format!(
                    "`{program}` is needed to assemble them, and is not on PATH"
                )));
            }
        }
        let codename = field("VERSION_CODENAME");
        let source = sources()
            .into_iter()
            .find(|source| source.is_main_archive(&codename));
        let source = source.ok_or_else(|| {
            Error::assembly(format!(
                "/etc/apt/sources.list and sources.list.d name no mirror of Debian `{codename}`"
            ))
        })?;
        Ok(Self { source })
    }

    /// Unpacks below `scratch` what each version of Python needs, and pip's wheel.
    pub(super) fn fetch(&self, minors: &BTreeSet<u32>, scratch: &Path) -> Result<Library, Error> {
        let mut library = Library {
            roots: BTreeMap::new(),
            wheels: PathBuf::new(),
        };
        let mut refusal = None;
        for suite in SUITES {
            let folder = scratch.join(suite);
            let apt = Apt::new(&self.source, suite, &folder)?;
            if library.wheels.as_os_str().is_empty() {
                let unpacked = apt.unpack(&["python3-pip-whl".to_owned()], &folder.join("pip"))?;
                library.wheels = unpacked.join("usr/share/python-wheels");
            }
            for minor in minors {
                if library.roots.contains_key(minor) {
                    continue;
                }
                match apt.unpack(&packages(*minor), &folder.join(format!("3.{minor}"))) {
                    Ok(root) => drop(library.roots.insert(*minor, root)),
                    Err(error) => refusal = Some(error),
                }
            }
            if library.roots.len() == minors.len() {
                return Ok(library);
            }
        }
        Err(refusal.unwrap_or_else(|| Error::assembly("no Python was asked for".to_owned())))
    }
}

fn packages(minor: u32) -> Vec<String> {
    let names = [
        "libpython{}-minimal",
        "libpython{}-stdlib",
        "libpython{}-dev",
        "python{}-venv",
    ];
    names
        .iter()
        .map(|name| name.replace("{}", &format!("3.{minor}")))
        .collect()
}

fn sources() -> Vec<Source> {
    let folder = fs::read_dir("/etc/apt/sources.list.d")
        .into_iter()
        .flatten()
        .flatten();
    let mut files: Vec<PathBuf> = folder.map(|entry| entry.path()).collect();
    files.sort();
    files.insert(0, PathBuf::from("/etc/apt/sources.list"));
    let mut sources = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap_or_default();
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("list") => sources.extend(parse_list(&text)),
            Some("sources") => sources.extend(parse_sources(&text)),
            _ => {} // apt does not read it either
        }
    }
    sources
}

/// An apt with lists and a cache of its own.
struct Apt {
    options: Vec<String>,
    downloads: PathBuf,
}

impl Apt {
    fn new(source: &Source, suite: &str, folder: &Path) -> Result<Self, Error> {
        let downloads = folder.join("downloads");
        for path in [
            &folder.join("lists/partial"),
            &folder.join("cache/archives/partial"),
            &downloads,
        ] {
            fs::create_dir_all(path).map_err(Error::io("create", path))?;
        }
        let list = folder.join("apt.sources");
        fs::write(&list, source.stanza(suite)).map_err(Error::io("write", &list))?;
        let options = [
            ("Dir::Etc::SourceList", list.as_path()),
            ("Dir::Etc::SourceParts", Path::new("/dev/null")),
            ("Dir::Etc::Preferences", Path::new("/dev/null")),
            ("Dir::Etc::PreferencesParts", Path::new("/dev/null")),
            ("Dir::State::Lists", &folder.join("lists")),
            ("Dir::Cache", &folder.join("cache")),
            // apt's own user can't write into a folder of ours, and need not.
            ("APT::Sandbox::User", Path::new("root")),
            // A mirror that lags, or is kept still on purpose, has signed what it has all the same.
            ("Acquire::Check-Valid-Until", Path::new("false")),
        ];
        let options = options
            .map(|(name, value)| format!("-o{name}={}", value.display()))
            .to_vec();
        let apt = Self { options, downloads };
        process::run(apt.get().args(["-q", "update"]), LIMIT)?;
        Ok(apt)
    }

    fn get(&self) -> Command {
        let mut command = Command::new("apt-get");
        command
            .args(&self.options)
            .current_dir(&self.downloads)
            .env("LC_ALL", "C");
        command
    }

    fn unpack(&self, packages: &[String], into: &Path) -> Result<PathBuf, Error> {
        process::run(self.get().args(["-q", "download"]).args(packages), LIMIT)?;
        let downloads =
            fs::read_dir(&self.downloads).map_err(Error::io("list", &self.downloads))?;
        for package in downloads.flatten().map(|entry| entry.path()) {
            process::run(
                Command::new("dpkg").arg("-x").arg(&package).arg(into),
                LIMIT,
            )?;
            fs::remove_file(&package).map_err(Error::io("remove", &package))?;
        }
        Ok(into.to_path_buf())
    }
}
