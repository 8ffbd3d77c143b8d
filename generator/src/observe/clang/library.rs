//! Finding libclang, which is loaded when it is first needed: it is not needed to build.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use clang_sys::SharedLibrary;

use crate::observe::{Failure, Trouble};

const HELP: &str = "install it: `pip install libclang`, or `apt-get install libclang1`; or name the \
                    folder that has it in LIBCLANG_PATH";

/// Makes libclang usable in this thread.
pub(super) fn load() -> Result<(), Failure> {
    static LIBRARY: OnceLock<Result<Arc<SharedLibrary>, String>> = OnceLock::new();
    match LIBRARY.get_or_init(|| find().map(Arc::new)) {
        Ok(library) => {
            clang_sys::set_library(Some(Arc::clone(library)));
            Ok(())
        }
        Err(error) => Err(Failure::new(
            Trouble::Oracle,
            format!("libclang cannot be loaded: {error}"),
            HELP,
        )),
    }
}

/// What libclang calls itself: `Debian clang version 14.0.6`.
pub fn version() -> Result<String, Failure> {
    load()?;
    Ok(bindgen::clang_version().full)
}

/// The file that it is in.
pub(super) fn path() -> Result<PathBuf, Failure> {
    load()?;
    let library = clang_sys::get_library();
    Ok(library.map_or_else(PathBuf::new, |library| library.path().to_owned()))
}

/// `LIBCLANG_PATH`, then what the system has, then the wheel of `cargo xtask tools` or of an environment.
fn find() -> Result<SharedLibrary, String> {
    let named = env::var_os("LIBCLANG_PATH").is_some_and(|path| !path.is_empty());
    let error = match clang_sys::load_manually() {
        Ok(library) => return Ok(library),
        Err(error) if named => return Err(error),
        Err(error) => error,
    };
    let Some(folder) = cached().or_else(installed_by_pip) else {
        return Err(error);
    };
    // SAFETY: readers in Rust take the lock that this takes. It happens once, before libclang is
    // there to read the environment, and no other C code of this program reads it.
    unsafe { env::set_var("LIBCLANG_PATH", &folder) };
    clang_sys::load_manually()
}

/// Where `cargo xtask tools` puts a wheel.
fn cached() -> Option<PathBuf> {
    let variable = |name| env::var_os(name).filter(|value| !value.is_empty());
    let cache = variable("PYSHIM_CACHE")
        .map(PathBuf::from)
        .or_else(|| variable("XDG_CACHE_HOME").map(|folder| Path::new(&folder).join("pyshim")))
        .or_else(|| variable("HOME").map(|folder| Path::new(&folder).join(".cache/pyshim")))?;
    native(&cache.join("libclang/clang"))
}

/// The wheel in the environment that this command is installed in, as `pyshim-gen[clang]` brings it, or
/// in that of `python3`.
fn installed_by_pip() -> Option<PathBuf> {
    let program = env::current_exe().and_then(std::fs::canonicalize);
    let beside = program.ok().and_then(|program| python_beside(&program));
    let pythons = beside.into_iter().chain([PathBuf::from("python3")]);
    pythons.into_iter().find_map(|python| package_of(&python))
}

/// An environment has its programs in the folder of its interpreter.
fn python_beside(program: &Path) -> Option<PathBuf> {
    let python = program.with_file_name("python");
    let python = python.with_extension(env::consts::EXE_EXTENSION);
    python.is_file().then_some(python)
}

fn package_of(python: &Path) -> Option<PathBuf> {
    let script =
        "import importlib.util as u; print(u.find_spec('clang').submodule_search_locations[0])";
    let output = Command::new(python).args(["-c", script]).output().ok()?;
    let folder = String::from_utf8(output.stdout).ok()?;
    native(Path::new(folder.trim()))
}

/// The folder of a wheel's package that has the library.
fn native(package: &Path) -> Option<PathBuf> {
    let folder = package.join("native");
    folder.is_dir().then_some(folder)
}

/// Where the C library's headers are and those of the compiler, `stddef.h` and the like, as arguments
/// for libclang: it does not look by itself. They are a clang's for the same target, and where there
/// is no clang, for libclang may come alone, gcc's.
pub(super) fn system_headers(arguments: &[String]) -> Vec<String> {
    static KNOWN: Mutex<BTreeMap<Vec<String>, Vec<String>>> = Mutex::new(BTreeMap::new());
    let target: Vec<String> = about_target(arguments);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known
        .entry(target)
        .or_insert_with_key(|target| {
            let clang = clang_sys::support::Clang::find(None, target);
            let folders = clang
                .and_then(|clang| clang.c_search_paths)
                .unwrap_or_else(|| of_gcc().into_iter().collect());
            folders
                .into_iter()
                .filter_map(|folder| folder.into_os_string().into_string().ok())
                .flat_map(|folder| ["-isystem".to_owned(), folder])
                .collect()
        })
        .clone()
}

/// The arguments that decide where a compiler looks for its own headers.
fn about_target(arguments: &[String]) -> Vec<String> {
    let starts = ["--target", "-target", "-m", "--sysroot", "-nostdinc"];
    let mut about = Vec::new();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        if starts.iter().any(|start| argument.starts_with(start)) {
            about.push(argument.clone());
            if argument == "-target" || argument == "--sysroot" {
                about.extend(arguments.next().cloned());
            }
        }
    }
    about
}

fn of_gcc() -> Option<PathBuf> {
    let output = Command::new("gcc")
        .arg("-print-file-name=include")
        .output()
        .ok()?;
    let folder = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    folder.is_absolute().then_some(folder)
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::{package_of, python_beside};

    #[test]
    fn an_environment_with_libclang_is_found_beside_the_command() {
        let environment = tempfile::tempdir().expect("a folder");
        let bin = environment.path().join("bin");
        let package = environment.path().join("lib/clang");
        fs::create_dir(&bin).expect("a folder");
        assert_eq!(python_beside(&bin.join("pyshim")), None);
        let python = bin.join("python");
        fs::write(&python, format!("#!/bin/sh\necho {}\n", package.display())).expect("a script");
        fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).expect("it can be run");
        assert_eq!(python_beside(&bin.join("pyshim")), Some(python.clone()));
        assert_eq!(package_of(&python), None, "the package has no library");
        fs::create_dir_all(package.join("native")).expect("a folder");
        assert_eq!(package_of(&python), Some(package.join("native")));
    }
}
