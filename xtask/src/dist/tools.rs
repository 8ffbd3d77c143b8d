//! What builds and checks Python packages, at the versions and sums that `requirements.txt` has.

use super::remove;
use crate::failure::{Failure, could_not_at};
use crate::step;
use pythons::Python;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const REQUIREMENTS: &str = include_str!("requirements.txt");

/// An environment with all of them.
pub(super) struct Tools {
    environment: PathBuf,
}

impl Tools {
    /// Those of an earlier run, where they are the same.
    pub(super) fn get(folder: &Path) -> Result<Self, Failure> {
        let python = interpreter()?;
        let wanted = format!("{}\n{REQUIREMENTS}", python.label);
        let stamp = folder.join("made-of");
        let tools = Self {
            environment: folder.join("environment"),
        };
        if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
            return Ok(tools);
        }
        remove(folder)?;
        fs::create_dir_all(folder).map_err(could_not_at("make", folder))?;
        let requirements = folder.join("requirements.txt");
        fs::write(&requirements, REQUIREMENTS).map_err(could_not_at("write", &requirements))?;
        let mut venv = Command::new(&python.executable);
        step::run(venv.args(["-m", "venv"]).arg(&tools.environment))?;
        let mut pip = tools.command("python");
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ]);
        pip.args([
            "--require-hashes",
            "--only-binary",
            ":all:",
            "--requirement",
        ]);
        step::run(pip.arg(&requirements))?;
        fs::write(&stamp, wanted).map_err(could_not_at("write", &stamp))?;
        Ok(tools)
    }

    /// One of its programs, which finds the others.
    pub(super) fn command(&self, program: &str) -> Command {
        let programs = self.environment.join("bin");
        let mut command = Command::new(programs.join(program));
        command.env("PATH", self.path());
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }

    /// Its programs before the machine's.
    fn path(&self) -> OsString {
        let mut path: OsString = self.environment.join("bin").into();
        if let Some(rest) = env::var_os("PATH") {
            path.push(":");
            path.push(rest);
        }
        path
    }
}

/// What `requirements.txt` was made for begins with 3.11.
fn interpreter() -> Result<Python, Failure> {
    let found = pythons::found()?;
    let fits =
        |python: &&Python| !python.free_threaded && (11..=14).contains(&python.version.minor());
    found
        .into_iter()
        .rev()
        .find(|python| fits(&python))
        .ok_or_else(|| {
            Failure::CouldNot(
                "there is no GIL-enabled CPython 3.11 to 3.14; `cargo xtask pythons` gets one"
                    .to_owned(),
            )
        })
}
