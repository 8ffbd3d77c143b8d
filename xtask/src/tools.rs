//! `cargo xtask tools`: the compilers and emulators that tests need besides the interpreters.

use crate::failure::Failure;
use crate::libclang;
use crate::step;
use crate::task::Task;
use std::fs;
use std::process::{Command, Stdio};

pub(crate) const TASK: Task = Task {
    name: "tools",
    about: "Install the compilers and emulators that tests need, where they are missing",
    arguments: |command| command,
    run: |_| ensure(),
};

/// Something that tests run.
struct Tool {
    /// As the tests call it.
    command: &'static [&'static str],
    proof: Proof,
    packages: &'static [&'static str],
}

/// How to know that a tool is there.
#[derive(Clone, Copy, PartialEq)]
enum Proof {
    /// The program is on `PATH`.
    Exists,
    /// It makes an executable of a C program, for which it needs that target's C library too.
    Links,
}

const TOOLS: &[Tool] = &[
    Tool {
        command: &["gcc"],
        proof: Proof::Links,
        packages: &["gcc", "libc6-dev"],
    },
    Tool {
        command: &["g++"],
        proof: Proof::Exists,
        packages: &["g++"],
    },
    Tool {
        command: &["clang"],
        proof: Proof::Links,
        packages: &["clang"],
    },
    Tool {
        command: &["make"],
        proof: Proof::Exists,
        packages: &["make"],
    },
    // `gcc-multilib` itself conflicts with every cross compiler, because it owns a link to the
    // kernel's headers. Without it, programs that include <errno.h> and the like need
    // `-idirafter /usr/include/x86_64-linux-gnu`.
    Tool {
        command: &["gcc", "-m32"],
        proof: Proof::Links,
        packages: &["gcc-{gcc}-multilib"],
    },
    Tool {
        command: &["s390x-linux-gnu-gcc", "-static"],
        proof: Proof::Links,
        packages: &["gcc-s390x-linux-gnu", "libc6-dev-s390x-cross"],
    },
    Tool {
        command: &["qemu-s390x"],
        proof: Proof::Exists,
        packages: &["qemu-user"],
    },
    Tool {
        command: &["x86_64-w64-mingw32-gcc"],
        proof: Proof::Links,
        packages: &["gcc-mingw-w64-x86-64"],
    },
    Tool {
        command: &["lld"],
        proof: Proof::Exists,
        packages: &["lld"],
    },
];

/// What looks at pages. The tests of each day do without it.
const BROWSER: &[Tool] = &[Tool {
    command: &["chromium-headless-shell"],
    proof: Proof::Exists,
    // Without a font there would be no text to look at.
    packages: &["chromium-headless-shell", "fonts-dejavu-core"],
}];

/// Installs what is missing with `apt-get`, where that is possible, and libclang with `pip`.
pub(crate) fn ensure() -> Result<(), Failure> {
    ensure_programs(TOOLS)?;
    libclang::ensure()
}

/// The browser, which is installed where it is missing.
pub(crate) fn browser() -> Result<&'static str, Failure> {
    ensure_programs(BROWSER)?;
    Ok(BROWSER[0].command[0])
}

fn ensure_programs(tools: &'static [Tool]) -> Result<(), Failure> {
    let missing = missing(tools)?;
    if missing.is_empty() {
        return Ok(());
    }
    let packages = packages(&missing, &gcc_version());
    let list = packages.join(" ");
    let Some(apt_get) = apt_get() else {
        return Err(Failure::CouldNot(format!(
            "missing: {}\nhelp: on Debian, as root: apt-get install {list}",
            names(&missing)
        )));
    };
    eprintln!("xtask: missing: {}; installing {list}", names(&missing));
    let run = |arguments: &[&str], packages: &[String]| {
        let mut command = Command::new(apt_get[0]);
        // What it says is of interest only when it fails, and then it says so on standard error.
        command
            .args(&apt_get[1..])
            .args(["-qq", "-oDPkg::Lock::Timeout=600"])
            .args(arguments);
        command
            .args(packages)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdout(Stdio::null());
        step::run(&mut command).map_err(|failure| Failure::CouldNot(failure.to_string()))
    };
    run(&["update"], &[])?;
    run(&["install", "--yes", "--no-install-recommends"], &packages)?;

    let still = self::missing(tools)?;
    if still.is_empty() {
        return Ok(());
    }
    let names = names(&still);
    Err(Failure::CouldNot(format!(
        "still missing with {list} installed: {names}"
    )))
}

fn missing(tools: &'static [Tool]) -> Result<Vec<&'static Tool>, Failure> {
    let scratch = tempfile::tempdir();
    let scratch =
        scratch.map_err(|error| Failure::CouldNot(format!("no scratch folder: {error}")))?;
    let source = scratch.path().join("tool.c");
    fs::write(
        &source,
        "#include <stdio.h>\nint main(void) { return puts(\"\") < 0; }\n",
    )
    .map_err(|error| Failure::CouldNot(format!("could not write a program: {error}")))?;
    let works = |tool: &Tool| {
        let [program, flags @ ..] = tool.command else {
            return false;
        };
        if tool.proof == Proof::Exists || which::which(program).is_err() {
            return which::which(program).is_ok();
        }
        let mut compiler = Command::new(program);
        compiler
            .args(flags)
            .arg(&source)
            .arg("-o")
            .arg(scratch.path().join("tool"));
        compiler
            .output()
            .is_ok_and(|output| output.status.success())
    };
    Ok(tools.iter().filter(|tool| !works(tool)).collect())
}

fn names(tools: &[&Tool]) -> String {
    let names: Vec<String> = tools
        .iter()
        .map(|tool| format!("`{}`", tool.command.join(" ")))
        .collect();
    names.join(", ")
}

fn packages(tools: &[&Tool], gcc: &str) -> Vec<String> {
    let packages = tools.iter().flat_map(|tool| tool.packages);
    packages
        .map(|package| package.replace("{gcc}", gcc))
        .collect()
}

/// The major version, by which Debian names packages that go with one compiler.
fn gcc_version() -> String {
    let output = Command::new("gcc").arg("-dumpversion").output();
    let version = output.map(|output| output.stdout).unwrap_or_default();
    let version = String::from_utf8_lossy(&version);
    version
        .trim()
        .split('.')
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// How to call apt-get with the right to install; none where that can't be had without a question.
fn apt_get() -> Option<&'static [&'static str]> {
    which::which("apt-get").ok()?;
    let succeeds = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().ok();
        output
            .filter(|output| output.status.success())
            .map(|output| output.stdout)
    };
    if succeeds("id", &["-u"])?.trim_ascii() == b"0" {
        return Some(&["apt-get"]);
    }
    succeeds("sudo", &["-n", "true"]).map(|_| ["sudo", "-n", "apt-get"].as_slice())
}

#[cfg(test)]
mod tests {
    use super::{BROWSER, Proof, TOOLS, Tool, missing, names, packages};

    const CASES: &[Tool] = &[
        Tool {
            command: &["sh"],
            proof: Proof::Exists,
            packages: &["dash"],
        },
        Tool {
            command: &["sh", "-c"],
            proof: Proof::Links,
            packages: &["a", "b-{gcc}"],
        },
        Tool {
            command: &["nonexistent-cc"],
            proof: Proof::Links,
            packages: &["c"],
        },
    ];

    #[test]
    fn a_tool_that_is_absent_or_does_not_work_is_missing() {
        let missing = missing(CASES).unwrap();
        assert_eq!(names(&missing), "`sh -c`, `nonexistent-cc`");
        assert_eq!(packages(&missing, "12"), ["a", "b-12", "c"]);
    }

    #[test]
    fn no_two_tools_are_the_same() {
        for (index, tool) in TOOLS.iter().chain(BROWSER).enumerate() {
            assert!(
                TOOLS[..index]
                    .iter()
                    .all(|other| other.command != tool.command)
            );
        }
    }
}
