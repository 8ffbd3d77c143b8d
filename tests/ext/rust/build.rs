//! Asks the interpreter in `DEMO_PYTHON` what it is, and passes that on in pyo3-build-config's words.
//! Without the variable the extension is for CPython 3.8, so that the workspace can be built.

use std::env;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;

/// The first and the last release that the generated structs tell apart.
const RELEASES: (u32, u32) = (8, 15);

/// Prints the minor version, and 1 for a free-threaded build.
const QUESTION: &str = "import sys, sysconfig; \
     print(sys.version_info[1], int(bool(sysconfig.get_config_var('Py_GIL_DISABLED'))))";

fn main() {
    look_for_headers();
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=DEMO_PYTHON");
    println!("cargo::rustc-check-cfg=cfg(Py_GIL_DISABLED, Py_LIMITED_API)");
    for minor in RELEASES.0..=RELEASES.1 {
        println!("cargo::rustc-check-cfg=cfg(Py_3_{minor})");
    }
    let (minor, free_threaded) = match env::var_os("DEMO_PYTHON") {
        Some(python) => ask(&python),
        None => (RELEASES.0, false),
    };
    for minor in RELEASES.0..=minor.min(RELEASES.1) {
        println!("cargo::rustc-cfg=Py_3_{minor}");
    }
    if free_threaded {
        println!("cargo::rustc-cfg=Py_GIL_DISABLED");
    }
    if env::var("CARGO_CFG_TARGET_VENDOR").as_deref() == Ok("apple") {
        // The executable that loads an extension has CPython's symbols.
        println!("cargo::rustc-cdylib-link-arg=-Wl,-undefined,dynamic_lookup");
    }
}

/// Dependants find the headers through Cargo; nothing else tests that they do.
fn look_for_headers() {
    let folder = PathBuf::from(env::var_os("DEP_PYSHIM_INCLUDE").unwrap_or_default());
    assert!(
        folder.join("pyshim.h").is_file(),
        "`DEP_PYSHIM_INCLUDE` is {folder:?}"
    );
}

/// The minor version, and whether the build is a free-threaded one.
fn ask(python: &OsStr) -> (u32, bool) {
    let output = match Command::new(python).args(["-c", QUESTION]).output() {
        Ok(output) if output.status.success() => output,
        Ok(output) => panic!(
            "{python:?} failed: {}",
            String::from_utf8_lossy(&output.stderr)
        ),
        Err(error) => panic!("`DEMO_PYTHON` is {python:?}, which cannot be run: {error}"),
    };
    let answer = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<u32> = answer
        .split_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect();
    match numbers[..] {
        [minor, free_threaded] => (minor, free_threaded != 0),
        _ => panic!("{python:?} answers {answer:?}, not with two numbers"),
    }
}
