//! Builds the test extensions.

use std::path::{Path, PathBuf};
use std::process::Command;

use pythons::Python;

use crate::compile::{C99, Dialect, object};
use crate::mode::Mode;
use crate::place::root;
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
    let core = folder.join("core.o");
    let module = folder.join(format!("{name}.o"));
    object(
        C99,
        Some(python),
        flags,
        &root().join("shim/csrc/pyshim.c"),
        &core,
    )?;
    // Slots hold functions as `void *`, as CPython wants them, which ISO C has no word for.
    let own_flags: Vec<String> = flags
        .iter()
        .cloned()
        .chain(["-Wno-pedantic".into()])
        .collect();
    object(dialect, Some(python), &own_flags, source, &module)?;
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
