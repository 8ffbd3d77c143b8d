//! The other auditors, in an environment of their own.

use super::verdict::{self, Said, Verdict};
use crate::failure::Failure;
use crate::{step, venv};
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is asked, and the versions that the page is about.
pub(super) const PEERS: [&str; 2] = ["abi3audit==0.0.26", "abi3t-doctor==0.1.0"];

/// The environment that has them.
pub(crate) struct Peers {
    bin: PathBuf,
}

impl Peers {
    /// Installs them, unless they are there.
    pub(super) fn install(folder: &Path) -> Result<Self, Failure> {
        let bin = venv::kept(folder, &PEERS)?;
        Ok(Peers { bin })
    }

    /// Gets a wheel, of which the name says all that pip has to know.
    pub(super) fn download(&self, wheel: &str, folder: &Path) -> Result<(), Failure> {
        let parts = Vec::from_iter(wheel.trim_end_matches(".whl").split('-'));
        let [name, version, python, abi, platform] = parts.as_slice() else {
            return Err(Failure::CouldNot(format!(
                "`{wheel}` is not a wheel's name"
            )));
        };
        let mut pip = Command::new(self.bin.join("python"));
        pip.args([
            "-m",
            "pip",
            "download",
            "-q",
            "--no-deps",
            "--only-binary=:all:",
            // A wheel's tag may promise older CPythons than its metadata, which pip would refuse.
            "--ignore-requires-python",
        ]);
        // Of several, such as `py2.py3`, the last is the newest.
        let python = python.rsplit('.').next().unwrap_or(python);
        let python = python.replace("cp3", "3.").replace("py3", "3");
        pip.args(["--implementation", "cp", "--python-version", &python]);
        pip.arg("-d").arg(folder);
        for abi in abi.split('.') {
            pip.args(["--abi", abi]);
        }
        for platform in platform.split('.') {
            pip.args(["--platform", platform]);
        }
        step::run(pip.arg(format!("{name}=={version}")))
    }

    pub(crate) fn abi3audit_program(&self) -> PathBuf {
        self.bin.join("abi3audit")
    }

    pub(crate) fn doctor_program(&self) -> PathBuf {
        self.bin.join("abi3t-doctor")
    }

    pub(super) fn abi3audit(&self, wheel: &Path) -> Result<Verdict, Failure> {
        // As cibuildwheel calls it.
        let mut command = Command::new(self.abi3audit_program());
        let said = said(command.args(["--strict", "--report"]).arg(wheel))?;
        verdict::abi3audit(&name(wheel), &said).map_err(Failure::CouldNot)
    }

    pub(super) fn doctor(&self, wheel: &Path) -> Result<Verdict, Failure> {
        let mut command = Command::new(self.doctor_program());
        let said = said(command.arg("wheel").arg(wheel))?;
        verdict::doctor(&name(wheel), &said).map_err(Failure::CouldNot)
    }
}

fn name(wheel: &Path) -> Cow<'_, str> {
    wheel.file_name().unwrap_or_default().to_string_lossy()
}

fn said(command: &mut Command) -> Result<Said, Failure> {
    let output = command.output();
    let output = output.map_err(|error| Failure::CouldNot(format!("{command:?}: {error}")))?;
    let code = output.status.code();
    let code = code.ok_or_else(|| Failure::CouldNot(format!("{command:?}: {}", output.status)))?;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(Said { code, stdout })
}
