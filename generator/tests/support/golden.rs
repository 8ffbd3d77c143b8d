//! Goldens are compiled: text that no compiler takes is not right, however often it was blessed.

use std::path::Path;
use std::process::Command;

use libtest_mimic::Failed;

use crate::compilers::{self, run};
use crate::fixture::Fixture;
use crate::scratch;

/// One way of compiling a golden.
pub(crate) struct Compile {
    /// What the test is called after the golden.
    pub(crate) name: &'static str,
    /// The folders that it compiles. A golden with nothing of its own there was compiled as
    /// `golden/empty`.
    folders: &'static [&'static str],
    /// Compiles it, and runs what can be run.
    compile: fn(&Path) -> Result<(), Failed>,
}

/// Every way.
pub(crate) const COMPILES: &[Compile] = &[
    Compile {
        name: "headers_compile",
        folders: &["include/"],
        compile: headers,
    },
    Compile {
        name: "core_compiles",
        folders: &["shim/csrc/", "shim/exports/"],
        compile: core,
    },
    Compile {
        name: "layouts_hold",
        folders: &["tests/generated/layout."],
        compile: layouts,
    },
    Compile {
        name: "upstream_compiles",
        folders: &["tests/generated/upstream."],
        compile: upstream,
    },
    Compile {
        name: "cdef_compiles",
        folders: &["python/"],
        compile: cdef,
    },
    Compile {
        name: "rust_goes_to_c_and_back",
        folders: &["shim/src/", "tests/generated/layout."],
        compile: rust,
    },
];

impl Compile {
    /// Compiles a golden, all of what it writes in a folder of its own.
    pub(crate) fn run(&self, fixture: &Fixture) -> Result<(), Failed> {
        let own = fixture.own()?;
        if !own
            .keys()
            .any(|name| self.folders.iter().any(|folder| name.starts_with(folder)))
        {
            return Ok(());
        }
        let folder = scratch::folder();
        for (name, text) in &fixture.emit()?.files {
            scratch::write(&folder.path().join(name), text);
        }
        (self.compile)(folder.path())
    }
}

const STRICT: &[&str] = &["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"];
const C: &[&str] = &["-std=c99", "-std=c11"];
const CXX: &[&str] = &["-std=c++11", "-std=c++20"];
const STRICT_CXX: &[&str] = &["-Wold-style-cast", "-Wzero-as-null-pointer-constant"];

/// The stand-in for CPython's headers, and how it is asked to be each of them.
const PYTHONS: &[&[&str]] = &[
    &["-DSTANDIN_VERSION=0x030D0000"],
    &["-DSTANDIN_VERSION=0x030D0000", "-DSTANDIN_FREE_THREADED"],
    &["-DSTANDIN_VERSION=0x030F0000"],
    &["-DSTANDIN_VERSION=0x030F0000", "-DSTANDIN_FREE_THREADED"],
    &[
        "-DSTANDIN_VERSION=0x030F0000",
        "-DPy_LIMITED_API=0x030D0000",
    ],
    &[
        "-DSTANDIN_VERSION=0x030F0000",
        "-DSTANDIN_FREE_THREADED",
        "-DPy_LIMITED_API=0x030F0000",
        "-DPy_TARGET_ABI3T=0x030F0000",
    ],
];

/// A compiler's command line for a golden's headers, with or without a Python.h.
fn compiler(program: &str, folder: &Path, python: Option<&[&str]>) -> Command {
    let mut command = Command::new(program);
    command.arg("-I").arg(folder.join("include"));
    match python {
        Some(python) => command.args(["-I", "tests/support/python"]).args(python),
        None => command.arg("-DACME_NO_PYTHON_H"),
    };
    command
}

/// All headers twice, in every language and against every Python.h, and each by itself.
fn headers(folder: &Path) -> Result<(), Failed> {
    let all = folder.join("all.c");
    scratch::write(
        &all,
        "#include \"acme.h\"\n#include \"acme.h\"\nextern int unused;\n",
    );
    let all_cxx = folder.join("all.cc");
    std::fs::copy(&all, &all_cxx)?;
    for found in compilers::all() {
        for (program, standards, strict, source) in [
            (&found.c, C, &[][..], &all),
            (&found.cxx, CXX, STRICT_CXX, &all_cxx),
        ] {
            for standard in standards {
                let mut command = compiler(program, folder, None);
                run(command.arg(standard).args(STRICT).args(strict).arg(source))?;
            }
            for python in PYTHONS {
                let mut command = compiler(program, folder, Some(python));
                command.arg(standards[0]).args(STRICT).args(strict);
                run(command.arg(source))?;
            }
        }
    }
    let mut command = compiler(&compilers::first().c, folder, None);
    command.args(STRICT);
    for item in std::fs::read_dir(folder.join("include/acme"))? {
        let name = item?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".h") {
            let source = folder.join(format!("{name}.c"));
            scratch::write(
                &source,
                &format!("#include \"acme/{name}\"\nextern int unused;\n"),
            );
            command.arg(source);
        }
    }
    run(&mut command)?;
    Ok(())
}

/// The generated part of a C core, and that a linker takes the export list.
fn core(folder: &Path) -> Result<(), Failed> {
    let source = folder.join("core.c");
    scratch::write(
        &source,
        "#include \"core.h\"\n#include \"upstream.h\"\n#include \"dispatch.c\"\nextern int unused;\n",
    );
    for found in compilers::all() {
        for standard in C {
            let mut command = compiler(&found.c, folder, None);
            command.arg("-I").arg(folder.join("shim/csrc/generated"));
            command.args(["-I", "tests/support/python", "-Wno-unused"]);
            run(command
                .arg(standard)
                .args(STRICT)
                .arg("-Wno-unused")
                .arg(&source))?;
        }
    }
    if cfg!(target_os = "linux") {
        scratch::write(&folder.join("empty.c"), "extern int unused;\n");
        let map = folder.join("shim/exports/acme.map");
        let mut command = Command::new(&compilers::first().c);
        command.arg(format!("-Wl,--version-script={}", map.display()));
        command
            .args(["-shared", "-fPIC", "-o"])
            .arg(folder.join("empty.so"));
        run(command.arg(folder.join("empty.c")))?;
    }
    Ok(())
}

/// The layout test, run by every compiler, for 64 and for 32 bits.
fn layouts(folder: &Path) -> Result<(), Failed> {
    for found in compilers::all() {
        for width in ["-m64", "-m32"] {
            if width == "-m32" && !compilers::has_m32() {
                continue;
            }
            let program = folder.join("layout");
            let mut command = compiler(&found.c, folder, None);
            command.args([
                width,
                "-std=c99",
                "-Wall",
                "-Wextra",
                "-Wpedantic",
                "-Werror",
                "-o",
            ]);
            run(command
                .arg(&program)
                .arg(folder.join("tests/generated/layout.c")))?;
            run(&mut Command::new(&program))?;
        }
    }
    Ok(())
}

/// What is said of CPython's structs and functions, against the stand-in's headers.
fn upstream(folder: &Path) -> Result<(), Failed> {
    for found in compilers::all() {
        for python in PYTHONS {
            let mut command = compiler(&found.c, folder, Some(python));
            let source = folder.join("tests/generated/upstream.c");
            run(command.arg("-std=c11").args(STRICT).arg(source))?;
        }
    }
    for cfgs in [
        &["Py_3_13"][..],
        &["Py_3_13", "Py_GIL_DISABLED"],
        &["Py_3_13", "Py_3_14", "Py_3_15"],
        &["Py_3_13", "Py_3_14", "Py_3_15", "Py_GIL_DISABLED"],
        &[
            "Py_3_13",
            "Py_3_14",
            "Py_3_15",
            "Py_GIL_DISABLED",
            "Py_LIMITED_API",
        ],
    ] {
        let mut command = rustc(folder);
        for cfg in cfgs {
            command.args(["--cfg", cfg]);
        }
        command.args([
            "--crate-type",
            "lib",
            "--emit",
            "metadata",
            "-A",
            "missing_docs",
        ]);
        run(command.arg(folder.join("tests/generated/upstream.rs")))?;
    }
    Ok(())
}

/// What cffi is given, which knows the names of these two headers by itself.
fn cdef(folder: &Path) -> Result<(), Failed> {
    let source = folder.join("cdef.c");
    scratch::write(
        &source,
        "#include <stddef.h>\n#include <stdint.h>\n#include \"cdef.h\"\nextern int unused;\n",
    );
    for found in compilers::all() {
        let mut command = Command::new(&found.c);
        command.arg("-I").arg(folder.join("python/src/acme"));
        run(command.args(STRICT).arg("-std=c99").arg(&source))?;
    }
    Ok(())
}

/// The Rust face as a crate, and its layout test against the C one's object code.
fn rust(folder: &Path) -> Result<(), Failed> {
    scratch::write(
        &folder.join("acme.rs"),
        "mod object { #[repr(C)] pub struct PyObject([u8; 0]); }\n\
         pub use object::PyObject;\n\
         #[path = \"shim/src/generated/ffi.rs\"] pub mod ffi;\n",
    );
    let mut command = rustc(folder);
    run(command
        .args(["--crate-type", "rlib"])
        .arg(folder.join("acme.rs")))?;

    let object = folder.join("layout.o");
    let mut command = compiler(&compilers::first().c, folder, None);
    command
        .args(["-c", "-fPIC", "-DACME_TEST_NO_MAIN", "-o"])
        .arg(&object);
    run(command.arg(folder.join("tests/generated/layout.c")))?;
    let library = folder.join("libacme_layout_test.a");
    run(Command::new("ar").arg("rcs").arg(&library).arg(&object))?;

    let mut command = rustc(folder);
    command
        .args(["--test", "--extern", "acme", "-L"])
        .arg(folder);
    run(command.arg(folder.join("tests/generated/layout.rs")))?;
    run(&mut Command::new(folder.join("layout")))?;
    Ok(())
}

fn rustc(folder: &Path) -> Command {
    let mut command = Command::new(compilers::rustc());
    command
        .args(["--edition", "2024", "-D", "warnings", "--out-dir"])
        .arg(folder);
    command
}
