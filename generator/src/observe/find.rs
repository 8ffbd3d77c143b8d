//! The CPythons of this machine: on `PATH`, pyenv's, and those in pyshim's cache folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::cache;
use super::failure::{Failure, Trouble};
use super::python::{Interpreter, ask};
use crate::model::version::Version;
use crate::parallel;

/// The best CPython of each label, with what it says of itself. One with headers beats one without,
/// and the newest wins.
#[must_use]
pub fn find(patience: Duration) -> Vec<Interpreter> {
    let candidates: Vec<PathBuf> = candidates().into_iter().collect();
    let mut best: BTreeMap<(u8, u8, String), Interpreter> = BTreeMap::new();
    // What does not answer is a shim without a version behind it, PyPy, or Python 2: not what is
    // looked for.
    for found in parallel::map(&candidates, |path| ask(path, patience))
        .into_iter()
        .flatten()
    {
        let key = (found.version.major, found.version.minor, found.label());
        let rank = |python: &Interpreter| (!python.include_dirs.is_empty(), python.hex);
        match best.get(&key) {
            Some(known) if rank(known) >= rank(&found) => {}
            _ => {
                best.insert(key, found);
            }
        }
    }
    best.into_values().collect()
}

/// The interpreter of that path or, where it is a label such as `3.15t`, of this machine.
///
/// # Errors
///
/// When there is none, or when it does not answer.
pub fn named(wanted: &Path, patience: Duration) -> Result<Interpreter, Failure> {
    let Some(wanted) = wanted.to_str().filter(|name| is_label(name)) else {
        return ask(wanted, patience);
    };
    let found = find(patience);
    let labels = Vec::from_iter(found.iter().map(Interpreter::label)).join(", ");
    let found = found.into_iter().find(|python| python.label() == wanted);
    found.ok_or_else(|| {
        Failure::new(
            Trouble::Nothing,
            format!("there is no CPython {wanted} here; there are {labels}"),
            "name one of these, or the path of another",
        )
    })
}

/// `3.14` and `3.14t`, and nothing that could be a path.
fn is_label(wanted: &str) -> bool {
    let version = wanted.strip_suffix('t').unwrap_or(wanted);
    Version::parse(version).is_some()
}

/// Each file once, however many names lead to it.
fn candidates() -> BTreeSet<PathBuf> {
    let home = std::env::home_dir().unwrap_or_default();
    let pyenv = std::env::var_os("PYENV_ROOT").map_or_else(|| home.join(".pyenv"), PathBuf::from);
    let prefixes = [
        pyenv.join("versions"),
        cache::folder().unwrap_or_default().join("pythons"),
    ];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).filter(|folder| *folder != pyenv.join("shims"));
    let on_path = folders.flat_map(|folder| entries(&folder));
    let installed = prefixes
        .iter()
        .flat_map(|folder| entries(folder))
        .flat_map(|prefix| entries(&prefix.join("bin")));
    on_path
        .chain(installed)
        .filter(|path| is_interpreter(path))
        .filter_map(|path| path.canonicalize().ok())
        .collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect()
}

/// `python3.13` and `python3.13t`, and not `python3.13-config`.
fn is_interpreter(path: &Path) -> bool {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let name = name
        .strip_suffix(std::env::consts::EXE_SUFFIX)
        .unwrap_or(name);
    let Some(minor) = name.strip_prefix("python3.") else {
        return false;
    };
    let minor = minor.trim_end_matches(['t', 'd']);
    !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit())
}
