//! The C core as a shared library exports what the lists say, and an extension exports nothing of
//! ours at all.

use std::path::Path;
use std::process::Command;

use conformance::compile::{C99, object};
use conformance::extension::build_demo;
use conformance::mode::modes;
use conformance::place::{root, scratch};
use conformance::run::succeed;

type Result = std::result::Result<(), String>;

/// What a shared object exports, sorted.
fn exported(path: &Path) -> std::result::Result<Vec<String>, String> {
    let mut command = Command::new("nm");
    command
        .args(["-D", "--defined-only", "--format=posix"])
        .arg(path);
    let output = succeed(&mut command)?;
    let mut names: Vec<String> = output
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect();
    names.sort();
    Ok(names)
}

#[test]
fn a_shared_core_exports_the_lists_names() -> Result {
    let folder = scratch("exports::shared");
    let core = folder.join("core.o");
    let flags = [
        "-DPYSHIM_NO_PYTHON_H".to_owned(),
        "-DPYSHIM_SHARED".to_owned(),
    ];
    object(C99, None, &flags, &root().join("shim/csrc/pyshim.c"), &core)?;
    let library = folder.join("libpyshim.so");
    let map = root().join("shim/exports/pyshim.map");
    let mut command = Command::new("gcc");
    command.arg("-shared").arg(&core).arg("-o").arg(&library);
    succeed(command.arg(format!("-Wl,--version-script={}", map.display())))?;
    let listed = std::fs::read_to_string(root().join("shim/exports/pyshim.exp"))
        .map_err(|error| error.to_string())?;
    let wanted: Vec<&str> = listed
        .lines()
        .filter_map(|line| line.strip_prefix('_'))
        .collect();
    assert_eq!(exported(&library)?, wanted);
    Ok(())
}

#[test]
fn an_extension_exports_its_hook_only() -> Result {
    let pythons = conformance::interpreters().map_err(|error| error.to_string())?;
    let python = pythons.last().ok_or("no interpreter")?;
    let folder = scratch("exports::extension");
    let library = build_demo(&folder, python, &modes(python).swap_remove(0), C99, &[])?;
    assert_eq!(exported(&library)?, ["PyInit_demo"]);
    Ok(())
}

/// The declarations for builds without Python.h are those of Python.h.
#[test]
fn declarations_without_python_h_are_pythons() -> Result {
    let source = scratch("exports::declarations").join("both.c");
    // In the full API a macro hides the function that the declaration is compared with.
    let text = "#include \"pyshim.h\"\n#undef Py_FatalError\n#include \"no_python.h\"\n";
    std::fs::write(&source, text).map_err(|error| error.to_string())?;
    for python in conformance::interpreters().map_err(|error| error.to_string())? {
        let flags = ["-DPy_LIMITED_API=0x03080000".to_owned()];
        let flags = if python.free_threaded {
            &[]
        } else {
            flags.as_slice()
        };
        object(
            C99,
            Some(&python),
            flags,
            &source,
            &source.with_extension("o"),
        )
        .map_err(|error| format!("{}: {error}", python.label))?;
    }
    Ok(())
}
