// SPDX-License-Identifier: 0BSD
//! Compiles the C core without Python.h, and tells dependants where the headers are.

use std::env;
use std::path::{Path, PathBuf};

fn main() {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    let include = headers(&root);
    println!("cargo::metadata=root={}", root.display());
    println!("cargo::metadata=include={}", include.display());
    println!("cargo::metadata=version={}", variable("CARGO_PKG_VERSION"));
    println!("cargo::rerun-if-env-changed=DOCS_RS");
    // Documentation links nothing, so it needs no C compiler.
    if env::var_os("DOCS_RS").is_none() {
        compile(&root.join("csrc"), &include);
        link();
    }
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|error| panic!("cargo did not set `{name}`: {error}"))
}

/// The packed crate has the headers inside; so has a checkout, through a link, unless it was made
/// where Git does not make links.
fn headers(root: &Path) -> PathBuf {
    let candidates = [root.join("include"), root.join("../include")];
    let found = candidates
        .iter()
        .find(|folder| folder.join("pyshim.h").is_file());
    match found {
        Some(folder) => folder.clone(),
        None => panic!("`pyshim.h` is in neither of {candidates:?}"),
    }
}

fn compile(sources: &Path, include: &Path) {
    // Cargo looks at every file below these.
    println!("cargo::rerun-if-changed={}", sources.display());
    println!("cargo::rerun-if-changed={}", include.display());
    println!("cargo::rerun-if-changed=build.rs");
    let mut build = cc::Build::new();
    if env::var_os("CARGO_FEATURE_STACK_REF_CHECKS").is_some() {
        build.define("PYSHIM_STACK_REF_CHECKS", None);
    }
    build
        .file(sources.join("pyshim.c"))
        .include(include)
        .include(sources)
        .define("PYSHIM_NO_PYTHON_H", None)
        .extra_warnings(true)
        .compile("pyshim_core");
}

/// Names what the core calls besides CPython. CPython itself is the final binary's business: an
/// extension leaves its symbols open, or on Windows links python3.lib.
fn link() {
    match variable("CARGO_CFG_TARGET_OS").as_str() {
        "linux" | "android" => println!("cargo::rustc-link-lib=dl"), // dlsym, before glibc 2.34
        "windows" => println!("cargo::rustc-link-lib=kernel32"),     // GetModuleHandleExA
        _ => {}
    }
}
