//! The compilers of this machine.

#![allow(dead_code, reason = "each test uses the part that it needs")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A C compiler, with the C++ compiler that goes with it.
#[derive(Clone, Debug)]
pub(crate) struct Compiler {
    /// What compiles C.
    pub(crate) c: String,
    /// What compiles C++.
    pub(crate) cxx: String,
    version: String,
}

impl std::fmt::Display for Compiler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.version)
    }
}

/// The C compilers that are there: gcc, and clang where it is installed.
///
/// # Panics
///
/// When there is none: nothing that is written could be compiled, and the tests would say nothing.
pub(crate) fn all() -> &'static [Compiler] {
    static FOUND: OnceLock<Vec<Compiler>> = OnceLock::new();
    FOUND.get_or_init(|| {
        let found: Vec<Compiler> = [("gcc", "g++"), ("clang", "clang++")]
            .into_iter()
            .filter_map(|(c, cxx)| {
                let _ = version(cxx)?;
                let version = version(c)?;
                Some(Compiler {
                    c: c.to_owned(),
                    cxx: cxx.to_owned(),
                    version,
                })
            })
            .collect();
        assert!(!found.is_empty(), "neither gcc nor clang is installed");
        found
    })
}

/// The compiler for what is compiled once.
pub(crate) fn first() -> &'static Compiler {
    &all()[0]
}

/// Whether programs for 32-bit machines can be compiled and run.
pub(crate) fn has_m32() -> bool {
    static FOUND: OnceLock<bool> = OnceLock::new();
    *FOUND.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (source, program) = (folder.path().join("a.c"), folder.path().join("a"));
        std::fs::write(
            &source,
            "#include <stdio.h>\nint main(void) { return 0; }\n",
        )
        .is_ok()
            && run(Command::new(&first().c)
                .arg("-m32")
                .arg(&source)
                .arg("-o")
                .arg(&program))
            .is_ok()
            && run(&mut Command::new(&program)).is_ok()
    })
}

/// What is used, for the first line of a test run.
pub(crate) fn describe() -> String {
    let compilers: Vec<&str> = all()
        .iter()
        .map(|compiler| compiler.version.as_str())
        .collect();
    let m32 = if has_m32() {
        "with -m32"
    } else {
        "without -m32"
    };
    format!("compiled with {} ({m32})", compilers.join(" and "))
}

fn version(program: &str) -> Option<String> {
    let text = run(Command::new(program).arg("--version")).ok()?;
    text.lines().next().map(str::to_owned)
}

/// What a program prints to standard output, or everything that it says when it fails.
pub(crate) fn run(command: &mut Command) -> Result<String, String> {
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => return Err(format!("{command:?}: {error}")),
    };
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(stdout);
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?}: {}\n{stdout}{stderr}", output.status))
}

/// The Rust compiler that builds this test.
pub(crate) fn rustc() -> PathBuf {
    std::env::var_os("RUSTC").map_or_else(|| Path::new("rustc").to_owned(), PathBuf::from)
}
