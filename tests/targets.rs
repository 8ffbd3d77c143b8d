//! Layouts on machines other than this one: compiled for each, and run where they can be.

use std::path::Path;
use std::process::{Command, ExitCode};

use conformance::place::{root, scratch};
use conformance::run::succeed;
use libtest_mimic::{Arguments, Failed, Trial};

/// A compiler for a target, and what runs its programs.
struct Target {
    name: &'static str,
    compiler: &'static [&'static str],
    runner: Option<&'static [&'static str]>,
}

const TARGETS: &[Target] = &[
    Target {
        name: "lp64",
        compiler: &["gcc"],
        runner: Some(&[]),
    },
    Target {
        name: "ilp32",
        compiler: &["gcc", "-m32"],
        runner: Some(&[]),
    },
    Target {
        name: "lp64-be",
        compiler: &["s390x-linux-gnu-gcc", "-static"],
        runner: Some(&["qemu-s390x"]),
    },
    // Nothing here runs Windows programs; the static assertions are what is checked.
    Target {
        name: "llp64",
        compiler: &["x86_64-w64-mingw32-gcc"],
        runner: None,
    },
    Target {
        name: "llp64-msvc",
        compiler: &["clang", "--target=x86_64-pc-windows-msvc", "-ffreestanding"],
        runner: None,
    },
    Target {
        name: "ilp32-align8",
        compiler: &["clang", "--target=i686-pc-windows-msvc", "-ffreestanding"],
        runner: None,
    },
];

fn main() -> ExitCode {
    let trials = TARGETS
        .iter()
        .map(|target| {
            Trial::test(format!("layout::{}", target.name), || {
                layout(target).map_err(Failed::from)
            })
        })
        .collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn layout(target: &Target) -> Result<(), String> {
    let source = root().join("tests/generated/layout.c");
    let Some(runner) = target.runner else {
        return assertions(target, &root().join("include/pyshim.h"));
    };
    let program = scratch(&format!("targets::{}", target.name)).join("layout");
    let mut command = compiler(target);
    command.arg(&source).arg("-o").arg(&program);
    succeed(&mut command)?;
    let mut command = match runner {
        [] => Command::new(&program),
        [runner, arguments @ ..] => {
            let mut command = Command::new(runner);
            command.args(arguments).arg(&program);
            command
        }
    };
    let output = succeed(&mut command)?;
    if output == "0 failures\n" {
        Ok(())
    } else {
        Err(output)
    }
}

fn compiler(target: &Target) -> Command {
    let mut command = Command::new(target.compiler[0]);
    command
        .args(&target.compiler[1..])
        .args([
            "-std=c11",
            "-Wall",
            "-Wextra",
            "-Wpedantic",
            "-Werror",
            "-O2",
            "-I",
        ])
        .arg(root().join("include"));
    command
}

/// The headers alone, whose assertions the compiler checks.
fn assertions(target: &Target, header: &Path) -> Result<(), String> {
    let mut command = compiler(target);
    command
        .args(["-DPYSHIM_NO_PYTHON_H", "-fsyntax-only", "-x", "c"])
        .arg(header);
    succeed(&mut command).map(drop)
}
