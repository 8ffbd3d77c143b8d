//! Compilers.

use std::path::Path;
use std::process::Command;

use pythons::Python;

use crate::release::Release;
use crate::run::{Outcome, run, succeed};

/// A compiler in a language mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// The program.
    pub program: &'static str,
    /// `-std=…`.
    pub standard: &'static str,
    /// `-x c` or `-x c++`.
    pub language: &'static str,
}

impl Dialect {
    const fn c(program: &'static str, standard: &'static str) -> Self {
        Dialect {
            program,
            standard,
            language: "c",
        }
    }

    const fn cpp(program: &'static str, standard: &'static str) -> Self {
        Dialect {
            program,
            standard,
            language: "c++",
        }
    }

    /// `gcc-c11`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}-{}", self.program, self.standard)
    }
}

/// C as the core is written.
pub const C99: Dialect = Dialect::c("gcc", "c99");
/// C++ at its oldest.
pub const CPP11: Dialect = Dialect::cpp("g++", "c++11");

/// Every dialect that the headers promise.
pub const DIALECTS: &[Dialect] = &[
    C99,
    Dialect::c("gcc", "c11"),
    CPP11,
    Dialect::cpp("g++", "c++14"),
    Dialect::cpp("g++", "c++17"),
    Dialect::cpp("g++", "c++20"),
    Dialect::c("clang", "c99"),
    Dialect::c("clang", "c11"),
    Dialect::cpp("clang++", "c++11"),
    Dialect::cpp("clang++", "c++20"),
];

/// What every translation unit of ours is compiled with.
const STRICT: &[&str] = &["-Wall", "-Wextra", "-Wpedantic", "-Werror"];

/// What users of C++ compile with besides, and what headers of theirs must not be warned of.
const STRICT_CPP: &[&str] = &["-Wold-style-cast", "-Wzero-as-null-pointer-constant"];

/// Warnings that are asked of the headers only: what a test does itself is C in either language.
#[must_use]
pub fn header_warnings(dialect: Dialect) -> Vec<String> {
    let mut flags: Vec<String> = Vec::new();
    if dialect.language == "c++" {
        flags.extend(STRICT_CPP.iter().map(|flag| (*flag).to_owned()));
        if dialect.program == "g++" {
            flags.push("-Wuseless-cast".to_owned());
        }
    }
    flags
}

/// A compiler command with our include folder, strict warnings, and CPython's headers as system
/// headers, whose own warnings are not ours.
#[must_use]
pub fn compiler(dialect: Dialect, python: Option<&Python>) -> Command {
    compiler_of(&Release::current(), dialect, python)
}

fn compiler_of(release: &Release, dialect: Dialect, python: Option<&Python>) -> Command {
    let mut command = Command::new(dialect.program);
    command
        .args([
            "-x",
            dialect.language,
            &format!("-std={}", dialect.standard),
        ])
        .args(STRICT);
    command.arg("-I").arg(&release.include);
    for folder in python
        .map(|python| python.include_dirs.as_slice())
        .unwrap_or_default()
    {
        command.arg("-isystem").arg(folder);
    }
    command
}

/// Compiles a file without writing anything.
///
/// # Errors
///
/// When the compiler cannot be run.
pub fn check_syntax(
    dialect: Dialect,
    python: Option<&Python>,
    flags: &[String],
    source: &Path,
) -> Result<Outcome, String> {
    run(compiler(dialect, python)
        .args(flags)
        .arg("-fsyntax-only")
        .arg(source))
}

/// Compiles a file to an object.
///
/// # Errors
///
/// When it does not compile.
pub fn object(
    dialect: Dialect,
    python: Option<&Python>,
    flags: &[String],
    source: &Path,
    output: &Path,
) -> Result<(), String> {
    object_of(&Release::current(), dialect, python, flags, source, output)
}

/// As [`object`], with the headers of a release.
///
/// # Errors
///
/// When it does not compile.
pub fn object_of(
    release: &Release,
    dialect: Dialect,
    python: Option<&Python>,
    flags: &[String],
    source: &Path,
    output: &Path,
) -> Result<(), String> {
    let mut command = compiler_of(release, dialect, python);
    command.arg("-I").arg(&release.csrc);
    command
        .args(["-O2", "-fPIC", "-c"])
        .args(flags)
        .arg(source)
        .arg("-o")
        .arg(output);
    succeed(&mut command).map(drop)
}
