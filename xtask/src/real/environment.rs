//! An interpreter with what upstream's build and tests need, and a package in one of its forms.

use super::package::Package;
use crate::failure::{Failure, could_not};
use crate::step::run;
use pythons::Python;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A virtual environment that stays in the cache.
pub(crate) struct Environment {
    folder: PathBuf,
}

impl Environment {
    /// Makes one, or takes the one that is there.
    pub(crate) fn of(package: &Package, python: &Python, cache: &Path) -> Result<Self, Failure> {
        let name = format!("{}-{}", package.name, python.version);
        let threads = if python.free_threaded { "t" } else { "" };
        let environment = Environment {
            folder: cache.join(name + threads),
        };
        // pip is the last thing that `venv` puts there.
        if !environment.folder.join("bin/pip").is_file() {
            let mut venv = Command::new(&python.executable);
            run(venv
                .args(["-m", "venv", "--clear"])
                .arg(&environment.folder))?;
        }
        let mut pip = environment.pip();
        run(pip.args(package.requirements))?;
        Ok(environment)
    }

    /// Builds a package into a folder of its own, with what is in the environment and nothing else.
    pub(crate) fn install(&self, tree: &Path, target: &Path, kept: &Path) -> Result<(), Failure> {
        fs::create_dir_all(kept).map_err(could_not("make a folder"))?;
        let mut pip = self.pip();
        pip.args(["--no-build-isolation", "--no-deps", "--target"])
            .arg(target)
            .arg(tree)
            // So that each dependency is built once.
            .env("CARGO_TARGET_DIR", kept);
        run(&mut pip)
    }

    /// The interpreter, with a package on its path.
    pub(crate) fn python(&self, target: &Path) -> Command {
        let mut command = Command::new(self.folder.join("bin/python"));
        command
            .env("PYTHONPATH", target)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env_remove("PYTHON_GIL");
        command
    }

    fn pip(&self) -> Command {
        let mut pip = Command::new(self.folder.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet"])
            .env("PATH", self.path());
        pip
    }

    /// cereggii asks the `python` on the path where the headers are.
    fn path(&self) -> OsString {
        let rest = env::var_os("PATH").unwrap_or_default();
        let folders = [self.folder.join("bin")]
            .into_iter()
            .chain(env::split_paths(&rest));
        env::join_paths(folders).unwrap_or(rest)
    }
}
