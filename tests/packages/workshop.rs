//! An environment to build in, with the package `pyshim` and the build systems; and fresh ones to
//! install into.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use conformance::place::{kept, root};
use conformance::run::succeed;
use pythons::Python;

/// What builds.
const TOOLS: &[&str] = &[
    "auditwheel>=6,<7",
    "cffi>=1.17,<3; python_version != '3.13'", // it refuses 3.13t, and no other 3.13 builds here
    "cmake>=3.26,<5",
    "cython>=3.1,<4",
    "hatchling>=1.27,<2",
    "maturin>=1.14,<2",
    "meson-python>=0.18,<1",
    "nanobind>=3,<4",
    "ninja",
    "pkgconf",
    "pip>=25,<27",
    "pybind11>=3,<4",
    "scikit-build-core>=0.11,<2",
    "setuptools>=77,<90",
    "uv>=0.9,<1",
    "wheel>=0.45,<1",
];

/// Reproducible, as a release is.
const EPOCH: &str = "315532800";

/// A wheel to be built.
pub(crate) struct Build<'a> {
    pub(crate) project: &'a Path,
    /// The folder that it goes to.
    pub(crate) into: &'a Path,
    /// What the build system is told.
    pub(crate) settings: &'a [&'a str],
    pub(crate) variables: &'a [(&'a str, &'a str)],
    pub(crate) tools: Tools,
}

/// What builds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tools {
    /// What is in the workshop, and nothing else.
    Here,
    /// What the project names, which pip brings into an environment for this build, as it does for users.
    /// The package is the workshop's, as PyPI does not have it yet.
    Named,
}

/// Where an interpreter builds.
#[derive(Clone)]
pub(crate) struct Workshop {
    environment: PathBuf,
    package: PathBuf,
}

impl Workshop {
    /// The tools stay where tests keep what they share; the package is of this checkout, and its wheel
    /// is in the folder `package`.
    pub(crate) fn of(python: &Python, package: PathBuf) -> Result<Self, String> {
        let workshop = Workshop {
            environment: kept("packages").join(format!("{}-{}", python.label, python.version)),
            package,
        };
        // Written last, so one that was made half, or with other tools, is made anew.
        let stamp = workshop.environment.join("tools.txt");
        let tools = TOOLS.join("\n");
        if !std::fs::read_to_string(&stamp).is_ok_and(|made| made == tools) {
            let mut venv = Command::new(&python.executable);
            let venv = venv.args(["-m", "venv", "--clear"]);
            succeed(venv.arg(&workshop.environment))?;
            succeed(workshop.pip("install").arg("--upgrade").args(TOOLS))?;
            std::fs::write(&stamp, tools).map_err(|error| error.to_string())?;
        }
        workshop.add(&workshop.package(&workshop.package)?)?;
        Ok(workshop)
    }

    /// The folder with the package's wheel.
    pub(crate) fn wheels(&self) -> &Path {
        &self.package
    }

    /// The package's wheel.
    pub(crate) fn package_wheel(&self) -> Result<PathBuf, String> {
        wheel_in(&self.package)
    }

    /// Puts a wheel into it.
    fn add(&self, wheel: &Path) -> Result<(), String> {
        let mut install = self.pip("install");
        let install = install.args(["--no-deps", "--force-reinstall"]);
        succeed(install.arg(wheel)).map(drop)
    }

    /// Builds the package `pyshim` from the checkout.
    pub(crate) fn package(&self, into: &Path) -> Result<PathBuf, String> {
        self.wheel(&Build {
            project: &root().join("python"),
            into,
            settings: &[],
            variables: &[],
            tools: Tools::Here,
        })
    }

    /// Builds a wheel.
    pub(crate) fn wheel(&self, build: &Build<'_>) -> Result<PathBuf, String> {
        let mut pip = self.pip("wheel");
        match build.tools {
            Tools::Here => pip.arg("--no-build-isolation"),
            Tools::Named => pip.arg("--find-links").arg(&self.package),
        };
        pip.args(["--no-deps", "--wheel-dir"])
            .arg(build.into)
            .arg(build.project)
            .args(build.settings.iter().map(|setting| format!("-C{setting}")))
            .envs(build.variables.iter().copied())
            .env("SOURCE_DATE_EPOCH", EPOCH)
            // PyO3 takes a while to compile, so what was compiled stays.
            .env("CARGO_TARGET_DIR", root().join("target/examples"));
        succeed(&mut pip)?;
        wheel_in(build.into)
    }

    /// A wheel with the Python and ABI in its tag that its build system has no words for.
    pub(crate) fn tagged(&self, wheel: &Path, [python, abi]: [&str; 2]) -> Result<PathBuf, String> {
        let mut tags = self.command("wheel");
        tags.args(["tags", "--remove", "--python-tag", python]);
        succeed(tags.args(["--abi-tag", abi]).arg(wheel))?;
        wheel_in(wheel.parent().unwrap_or(Path::new(".")))
    }

    /// A program of the environment or, where it has none of that name, of the machine.
    pub(crate) fn command(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        command.env("PATH", self.path());
        command
    }

    /// Installs a wheel, and what its module needs from PyPI before it, into a new environment of
    /// another interpreter, with pip or with uv, and gives that environment's interpreter.
    pub(crate) fn install(
        &self,
        installer: Installer,
        wheel: &Path,
        needs: &[&str],
        python: &Python,
        folder: &Path,
    ) -> Result<PathBuf, String> {
        let installed = folder.join("bin/python");
        match installer {
            Installer::Pip => {
                let mut venv = Command::new(&python.executable);
                succeed(venv.args(["-m", "venv"]).arg(folder))?;
                let pip = |arguments: &[&str]| {
                    let mut pip = Command::new(&installed);
                    pip.args(["-m", "pip", "install"]).args(arguments);
                    pip
                };
                if !needs.is_empty() {
                    succeed(&mut pip(needs))?;
                }
                succeed(pip(&["--no-index"]).arg(wheel))?;
            }
            Installer::Uv => {
                let mut venv = self.command("uv");
                let venv = venv.args(["venv", "--quiet", "--python"]);
                succeed(venv.arg(&python.executable).arg(folder))?;
                let pip = |arguments: &[&str]| {
                    let mut pip = self.command("uv");
                    pip.args(["pip", "install", "--quiet", "--python"]);
                    pip.arg(&installed).args(arguments);
                    pip
                };
                if !needs.is_empty() {
                    succeed(&mut pip(needs))?;
                }
                succeed(pip(&["--no-index"]).arg(wheel))?;
            }
        }
        Ok(installed)
    }

    fn pip(&self, what: &str) -> Command {
        let mut pip = self.command("python");
        pip.args(["-m", "pip", what, "--quiet", "--disable-pip-version-check"]);
        pip
    }

    fn path(&self) -> OsString {
        let rest = env::var_os("PATH").unwrap_or_default();
        let all = std::iter::once(self.environment.join("bin")).chain(env::split_paths(&rest));
        // What was a path can be one again.
        env::join_paths(all).unwrap_or(rest)
    }
}

/// The wheel that was made in a folder.
pub(crate) fn wheel_in(folder: &Path) -> Result<PathBuf, String> {
    let files = std::fs::read_dir(folder).map_err(|error| error.to_string())?;
    let mut paths = files.flatten().map(|file| file.path());
    let wheel = paths.find(|path| path.extension().is_some_and(|end| end == "whl"));
    wheel.ok_or_else(|| format!("no wheel was made in {}", folder.display()))
}

/// What installs a wheel.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Installer {
    Pip,
    Uv,
}
