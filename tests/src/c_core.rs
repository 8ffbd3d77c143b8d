//! The C core as an object file, compiled once for each way to compile it: most tests differ in what
//! they link it with.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::sync::OnceLock;
use std::thread;

use pythons::Python;

use crate::compile::{C99, object_of};
use crate::place::kept;
use crate::release::Release;
use crate::run::succeed;

/// The C core of a release, compiled for an interpreter. The file belongs to all tests. Macros of a
/// test's own, which are neither pyshim's nor CPython's, are nothing to the core.
///
/// # Errors
///
/// When it does not compile.
pub fn object(release: &Release, python: &Python, flags: &[String]) -> Result<PathBuf, String> {
    let is_own = |flag: &&String| flag.starts_with("-D") && !flag.starts_with("-DP");
    let flags: Vec<String> = flags.iter().filter(|flag| !is_own(flag)).cloned().collect();
    let mut hasher = DefaultHasher::new();
    for folder in [&release.csrc, &release.include] {
        hash(folder, &mut hasher).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let version = python.version.to_string();
    (compiler()?, &python.executable, version, &flags).hash(&mut hasher);
    let object = kept("cores").join(format!("{:016x}.o", hasher.finish()));
    if !object.exists() {
        // Two tests may compile the same at once, and none may see half of it.
        let own = format!("{}-{:?}.o", process::id(), thread::current().id());
        let own = object.with_file_name(own);
        let source = release.csrc.join("pyshim.c");
        object_of(release, C99, Some(python), &flags, &source, &own)?;
        fs::rename(&own, &object).map_err(|error| error.to_string())?;
    }
    Ok(object)
}

/// Which compiler it is.
fn compiler() -> Result<&'static str, String> {
    static VERSION: OnceLock<Result<String, String>> = OnceLock::new();
    let ask = || succeed(Command::new(C99.program).arg("--version"));
    let version = VERSION.get_or_init(ask).as_ref();
    version.map(String::as_str).map_err(String::clone)
}

/// Every file in a folder, and in those within.
fn hash(folder: &Path, hasher: &mut DefaultHasher) -> std::io::Result<()> {
    let items: std::io::Result<Vec<_>> = fs::read_dir(folder)?.collect();
    let mut paths: Vec<PathBuf> = items?.iter().map(fs::DirEntry::path).collect();
    paths.sort();
    for path in paths {
        path.hash(hasher);
        match path.is_dir() {
            true => hash(&path, hasher)?,
            false => fs::read(&path)?.hash(hasher),
        }
    }
    Ok(())
}
