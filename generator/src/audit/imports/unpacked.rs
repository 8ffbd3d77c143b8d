//! A wheel in a folder, or the folder that a module is in.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::is_of_platform;
use crate::audit::binary::{Binary, HookKind};
use crate::audit::claim::{FileName, PACKAGE, Suffix, Tag, wheel_tags};
use crate::audit::input::{self, Opened};
use crate::audit::module::Module;
use crate::audit::runtime::Runtime;
use crate::model::when::Os;
use crate::observe::python::Interpreter;

/// The most that a wheel may unpack to.
const LARGEST: u64 = 4 << 30;

/// What there is to import.
pub(super) struct Unpacked {
    folder: Folder,
    /// By which a wheel says whom it is for; none for a module by itself.
    tags: BTreeSet<Tag>,
    modules: Vec<Importable>,
}

enum Folder {
    /// Where a wheel is, until this goes.
    Temporary(tempfile::TempDir),
    /// Where a module is, which stays there.
    Given(PathBuf),
}

/// A module, and how to import it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Importable {
    /// With its packages: `a.b.c`.
    pub(super) name: String,
    /// Its place in the wheel.
    pub(super) member: String,
    /// The file.
    pub(super) file: PathBuf,
    /// The systems in whose format it is.
    pub(super) systems: BTreeSet<Os>,
    /// The folders that installers make one of.
    pub(super) roots: Vec<PathBuf>,
}

impl Unpacked {
    pub(super) fn new(file: &Path) -> Result<Self, String> {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let wheel = match input::open(file)? {
            Opened::Archive(wheel) => wheel,
            Opened::Module(..) => return Unpacked::module(file, &name),
        };
        let tags = wheel_tags(&name)?.ok_or("its name has no tags, which say whom it is for")?;
        let all = wheel.members.values().map(|member| member.size);
        if all.fold(0, u64::saturating_add) > LARGEST {
            return Err(format!("it unpacks to more than {LARGEST} bytes"));
        }
        if let Some((member, reason)) = wheel.refused.first() {
            return Err(format!("`{member}` is not unpacked: {reason}"));
        }
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        for (name, member) in &wheel.members {
            let place = folder.path().join(name);
            let data = wheel
                .read(member)
                .map_err(|reason| format!("`{name}`: {reason}"))?;
            let parent = place.parent().unwrap_or(folder.path());
            let written = fs::create_dir_all(parent).and_then(|()| fs::write(&place, data));
            written.map_err(|error| format!("`{name}` cannot be written: {error}"))?;
        }
        let roots = roots(folder.path(), wheel.members.keys());
        let modules = wheel.members.keys();
        let modules = modules.filter_map(|member| importable(folder.path(), member, &roots));
        Ok(Unpacked {
            modules: modules.collect(),
            folder: Folder::Temporary(folder),
            tags,
        })
    }

    fn module(file: &Path, name: &str) -> Result<Self, String> {
        let folder = file.canonicalize().map_err(|error| error.to_string())?;
        let folder = folder.parent().unwrap_or(&folder).to_owned();
        let module = importable(&folder, name, std::slice::from_ref(&folder));
        Ok(Unpacked {
            modules: module.into_iter().collect(),
            folder: Folder::Given(folder),
            tags: BTreeSet::new(),
        })
    }

    pub(super) fn modules(&self) -> &[Importable] {
        &self.modules
    }

    pub(super) fn folder(&self) -> &Path {
        match &self.folder {
            Folder::Temporary(folder) => folder.path(),
            Folder::Given(folder) => folder,
        }
    }

    /// Text with the names of members where it has paths into the folder, which is about to go.
    pub(super) fn in_wheel(&self, text: &str) -> String {
        match &self.folder {
            Folder::Temporary(folder) => text.replace(&format!("{}/", folder.path().display()), ""),
            Folder::Given(_) => text.to_owned(),
        }
    }

    /// Whether installers would take it for an interpreter.
    pub(super) fn is_for(&self, python: &Interpreter) -> bool {
        let runtime = Runtime {
            version: python.version,
            build: python.build,
        };
        let mut tags = self.tags.iter().filter(|tag| tag.is_for(runtime));
        self.tags.is_empty() || tags.any(|tag| is_of_platform(&tag.platform, python))
    }
}

impl Importable {
    /// Whether it is in the format of an interpreter's system: a wheel for any system may have files for all.
    pub(super) fn is_for(&self, python: &Interpreter) -> bool {
        Os::of_platform(&python.platform.replace('-', "_"))
            .is_none_or(|os| self.systems.contains(&os))
    }
}

/// The folder itself, and those in it that installers lay over it.
fn roots<'a>(folder: &Path, members: impl Iterator<Item = &'a String>) -> Vec<PathBuf> {
    let laid = members.filter_map(|member| {
        let (data, rest) = member.split_once('/')?;
        let (kind, _) = rest.split_once('/')?;
        let is_laid = data.ends_with(".data") && ["purelib", "platlib"].contains(&kind);
        is_laid.then(|| folder.join(data).join(kind))
    });
    let laid: BTreeSet<PathBuf> = laid.collect();
    [folder.to_owned()].into_iter().chain(laid).collect()
}

/// A member that is a module with a hook of its own name.
fn importable(folder: &Path, member: &str, roots: &[PathBuf]) -> Option<Importable> {
    let file = folder.join(member);
    let parsed = FileName::parse(member.rsplit('/').next()?)?;
    if matches!(parsed.suffix, Suffix::Other(_)) || parsed.is_loaded_by_path() {
        return None;
    }
    let path = file.to_string_lossy().into_owned();
    let data = fs::read(&file).ok()?;
    let module = Module {
        binaries: Binary::read(&data, &parsed.hook(&path)).ok()?,
        path,
        name: parsed,
        libraries: BTreeSet::new(),
    };
    let kinds = [HookKind::Init, HookKind::Export];
    let is_hooked = |one: &Binary| kinds.iter().any(|kind| module.has(one, *kind));
    if !module.binaries.iter().any(is_hooked) {
        return None;
    }
    let parsed = &module.name;
    let inside = roots
        .iter()
        .rev()
        .find_map(|root| file.strip_prefix(root).ok())?;
    let packages = inside.parent()?.components();
    let packages = packages.map(|one| one.as_os_str().to_string_lossy().into_owned());
    let own = (parsed.module != PACKAGE).then(|| parsed.module.clone());
    let name = Vec::from_iter(packages.chain(own)).join(".");
    (!name.is_empty()).then(|| Importable {
        name,
        systems: module.binaries.iter().map(|binary| binary.os).collect(),
        member: member.to_owned(),
        file,
        roots: roots.to_vec(),
    })
}
