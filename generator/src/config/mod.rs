//! What an extension is built with for an interpreter and a target: macros, folders, the file's suffix,
//! the wheel's tag, and on Windows the library.
//!
//! Facts are the interpreter's own answers, and for those that a wheel promises besides, what the
//! observed snapshots say.

pub mod check;
pub mod refusal;
pub mod show;
pub mod target;

use std::path::PathBuf;

use crate::audit::runtime::Runtime;
use crate::model::version::Version;
use crate::model::when::Build;
use crate::observe::python::Interpreter;

use refusal::{Refusal, Wrong};
use target::Target;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What is to be compiled.
    pub target: Target,
    /// The oldest CPython that is wanted; the target's own where it is not said.
    pub since: Option<Version>,
}

/// What to build with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The interpreter whose headers are used.
    pub python: Runtime,
    /// What is compiled.
    pub target: Target,
    /// The oldest CPython that loads it.
    pub since: Version,
    /// What the compiler has to define.
    pub macros: Vec<(&'static str, String)>,
    /// The folders of CPython's headers.
    pub include_dirs: Vec<PathBuf>,
    /// That interpreter's own answers.
    pub host: Interpreter,
    /// Where it runs, as the last part of a tag.
    pub platform: String,
    /// What the file's name ends in.
    pub suffix: String,
    /// The wheel's tag: Python, ABI and platform.
    pub tag: String,
    /// The import library, where the platform has such.
    pub library: Option<String>,
    /// The observed CPythons that load the file.
    pub loads_on: Vec<Runtime>,
}

/// What an interpreter's headers give for a target, or why they do not.
///
/// # Errors
///
/// When the headers cannot give it, or not for that version.
pub fn config(host: &Interpreter, request: &Request) -> Result<Config, Refusal> {
    let target = request.target;
    let python = Runtime {
        version: host.version,
        build: host.build,
    };
    let windows = host.platform.starts_with("win");
    target.fits(python, windows)?;
    let since = target.since(python, request.since)?;
    let platform = host.platform.replace(['-', '.'], "_");
    Ok(Config {
        python,
        target,
        since,
        macros: target.macros(python, since),
        include_dirs: with_headers(host)?,
        host: host.clone(),
        suffix: suffix(host, target, windows)?,
        tag: format!("{}-{platform}", target.tag(python, since, windows)),
        library: windows.then(|| target.library(python)),
        platform,
        loads_on: target.loads_on(python, since),
    })
}

fn with_headers(host: &Interpreter) -> Result<Vec<PathBuf>, Refusal> {
    if host.include_dirs.is_empty() {
        return Err(Refusal::new(
            Wrong::Headers,
            format!("{} has no headers", host.executable.display()),
            "install them, or name another interpreter of that version",
        ));
    }
    Ok(host.include_dirs.clone())
}

/// The shortest suffix of that kind: it is in every list that has one of the kind. Windows has no file
/// names for the stable ABIs.
fn suffix(host: &Interpreter, target: Target, windows: bool) -> Result<String, Refusal> {
    let last = if windows { ".pyd" } else { ".so" };
    let wanted = match target {
        Target::Version => {
            let own = host.suffixes.iter().find(|suffix| is_own(suffix));
            return own.cloned().ok_or_else(|| no_suffix(host, "of its own"));
        }
        Target::Abi3 | Target::Abi3t if windows => last.to_owned(),
        Target::Abi3 => format!(".abi3{last}"),
        Target::Abi3t => format!(".abi3t{last}"),
        Target::Universal => last.to_owned(),
    };
    match target != Target::Abi3 || host.suffixes.contains(&wanted) {
        true => Ok(wanted),
        false => Err(no_suffix(host, &wanted)),
    }
}

/// Whether a suffix is for one version.
fn is_own(suffix: &str) -> bool {
    suffix.starts_with(".cpython-") || suffix.starts_with(".cp3")
}

fn no_suffix(host: &Interpreter, which: &str) -> Refusal {
    Refusal::new(
        Wrong::Suffix,
        format!("{} looks for no suffix {which}", host.executable.display()),
        "use a CPython as python.org or a distribution has it",
    )
}

/// `cp315`, `cp315t`.
pub(crate) fn python_tag(version: Version, build: Build) -> String {
    let t = if build == Build::Ft { "t" } else { "" };
    format!("cp{}{}{t}", version.major, version.minor)
}
