//! Builds the test extensions.

use std::path::{Path, PathBuf};
use std::process::Command;

use pythons::Python;

use crate::c_core;
use crate::compile::{Dialect, object_of};
use crate::mode::Mode;
use crate::place::root;
use crate::release::Release;
use crate::run::succeed;

/// Compiles `tests/ext/c/demo.c` and the C core in one mode and links them to `demo.so`.
///
/// # Errors
///
/// When something does not compile.
pub fn build_demo(
    folder: &Path,
    python: &Python,
    mode: &Mode,
    dialect: Dialect,
    extra: &[String],
) -> Result<PathBuf, String> {
    let flags: Vec<String> = mode.flags.iter().chain(extra).cloned().collect();
    build(
        folder,
        python,
        &flags,
        dialect,
        &root().join("tests/ext/c/demo.c"),
        "demo",
    )
}

/// Compiles one source and the C core and links them to a module.
///
/// # Errors
///
/// When something does not compile.
pub fn build(
    folder: &Path,
    python: &Python,
    flags: &[String],
    dialect: Dialect,
    source: &Path,
    name: &str,
) -> Result<PathBuf, String> {
    let both = Parts {
        headers: Release::current(),
        core: Release::current(),
    };
    build_of(&both, folder, python, flags, dialect, source, name)
}

/// Of which release the two parts of an extension are, for those of one need not be alike.
#[derive(Clone, Debug)]
pub struct Parts {
    /// What the extension's own files include.
    pub headers: Release,
    /// The C core that they are linked with.
    pub core: Release,
}

/// As [`build`], with chosen headers and a chosen core.
///
/// # Errors
///
/// When something does not compile.
pub fn build_of(
    parts: &Parts,
    folder: &Path,
    python: &Python,
    flags: &[String],
    dialect: Dialect,
    source: &Path,
    name: &str,
) -> Result<PathBuf, String> {
    let core = c_core::object(&parts.core, python, flags)?;
    let module = folder.join(format!("{name}.o"));
    // Slots hold functions as `void *`, as CPython wants them, which ISO C has no word for.
    let own_flags: Vec<String> = flags
        .iter()
        .cloned()
        .chain(["-Wno-pedantic".into()])
        .collect();
    object_of(
        &parts.headers,
        dialect,
        Some(python),
        &own_flags,
        source,
        &module,
    )?;
    let sanitizers: Vec<&String> = flags
        .iter()
        .filter(|flag| flag.starts_with("-fsanitize"))
        .collect();
    let output = folder.join(format!("{name}.so"));
    let mut command = Command::new(dialect.program);
    command
        .args(["-shared", "-pthread"])
        .args(sanitizers)
        .args([&core, &module]);
    succeed(command.arg("-o").arg(&output))?;
    Ok(output)
}
