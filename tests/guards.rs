//! The mistakes that a header refuses, each really made: one readable `#error` and its code.

use std::path::PathBuf;
use std::process::ExitCode;

use conformance::compile::{C99, CPP11, Dialect, compiler};
use conformance::place::scratch;
use conformance::run::run;
use conformance::trials;
use libtest_mimic::{Failed, Trial};
use pythons::Python;

/// A mistake: the code of its guard, the interpreters it can be made with, and the flags that make
/// it.
struct Mistake {
    guard: &'static str,
    with: fn(&Python) -> bool,
    flags: &'static [&'static str],
}

fn is_ft(python: &Python) -> bool {
    python.free_threaded
}

fn before_abi3t(python: &Python) -> bool {
    python.version.minor() < 15
}

const MISTAKES: &[Mistake] = &[
    Mistake {
        guard: "H001",
        with: |_| true,
        flags: &["-DPYPY_VERSION=\"7.3\""],
    },
    Mistake {
        guard: "H003",
        with: before_abi3t,
        flags: &["-DPy_TARGET_ABI3T=0x030F0000"],
    },
    Mistake {
        guard: "H004",
        with: |python| is_ft(python) && before_abi3t(python),
        flags: &["-DPy_LIMITED_API=0x030D0000"],
    },
    Mistake {
        guard: "H005",
        with: |python| is_ft(python) && !before_abi3t(python),
        flags: &["-DPy_LIMITED_API=0x030C0000"],
    },
    Mistake {
        guard: "H005",
        with: |python| !before_abi3t(python),
        flags: &["-DPy_TARGET_ABI3T=0x030E0000"],
    },
    Mistake {
        guard: "H010",
        with: before_abi3t,
        flags: &["-DPYSHIM_UNIVERSAL=0x03080000"],
    },
    Mistake {
        guard: "H011",
        with: |python| !before_abi3t(python),
        flags: &["-DPYSHIM_UNIVERSAL"],
    },
    Mistake {
        guard: "H011",
        with: |python| !before_abi3t(python),
        flags: &["-DPYSHIM_UNIVERSAL=0x03100000"],
    },
    Mistake {
        guard: "H013",
        with: |_| true,
        flags: &["-DPYSHIM_UNIVERSAL=0x03080000", "-D_WIN32"],
    },
    Mistake {
        guard: "H014",
        with: |python| !before_abi3t(python),
        flags: &[
            "-DPYSHIM_UNIVERSAL=0x03080000",
            "-DPy_LIMITED_API=0x03080000",
        ],
    },
    Mistake {
        guard: "H014",
        with: |python| !before_abi3t(python),
        flags: &["-DPYSHIM_UNIVERSAL=0x03080000", "-DPy_LIMITED_API"],
    },
    Mistake {
        guard: "H012",
        with: |python| !before_abi3t(python),
        flags: &["-DPYSHIM_UNIVERSAL=0x03080000", "-include", "Python.h"],
    },
    Mistake {
        guard: "H006",
        with: |python| !is_ft(python),
        flags: &["-DPy_LIMITED_API=0x03070000"],
    },
    Mistake {
        guard: "H006",
        with: |python| !is_ft(python),
        flags: &["-DPy_LIMITED_API="],
    },
    Mistake {
        guard: "H006",
        with: |python| !is_ft(python),
        flags: &["-DPy_LIMITED_API=3"],
    },
    Mistake {
        guard: "H007",
        with: |python| !is_ft(python),
        flags: &["-DPy_LIMITED_API=0x03630000"],
    },
];

fn main() -> ExitCode {
    trials::on_interpreters(all)
}

fn all(pythons: &[Python]) -> Vec<Trial> {
    let mut trials = Vec::new();
    for python in pythons {
        for (index, mistake) in MISTAKES.iter().enumerate() {
            if (mistake.with)(python) {
                let python = python.clone();
                let name = format!("{}::{}::{index}", python.label, mistake.guard);
                trials.push(Trial::test(name.clone(), move || {
                    refused(&name, Some(&python), C99, mistake.guard, mistake.flags)
                        .map_err(Failed::from)
                }));
            }
        }
    }
    // Old headers and old languages: no such interpreter is here, but the text of a header is.
    trials.push(Trial::test("old_headers::H002", || {
        let folder = scratch("guards::old_headers");
        std::fs::write(
            folder.join("patchlevel.h"),
            "#define PY_VERSION_HEX 0x030711F0\n",
        )?;
        std::fs::write(folder.join("pyconfig.h"), "")?;
        let include = format!("-I{}", folder.display());
        refused("guards::old", None, C99, "H002", &[&include]).map_err(Failed::from)
    }));
    for (guard, dialect) in [
        (
            "H008",
            Dialect {
                program: "gcc",
                standard: "c90",
                language: "c",
            },
        ),
        (
            "H009",
            Dialect {
                standard: "c++98",
                ..CPP11
            },
        ),
    ] {
        trials.push(Trial::test(format!("old_language::{guard}"), move || {
            refused(guard, None, dialect, guard, &["-DPYSHIM_NO_PYTHON_H"]).map_err(Failed::from)
        }));
    }
    if let Some(newest) = pythons.last().cloned() {
        trials.push(Trial::test(
            "unobserved_headers::use_the_table",
            move || unobserved_headers_use_the_table(&newest).map_err(Failed::from),
        ));
    }
    trials
}

/// Headers of a CPython that nobody has observed are not trusted to be like the last: code compiled
/// with them asks at run time.
fn unobserved_headers_use_the_table(newest: &Python) -> Result<(), String> {
    let folder = scratch("guards::unobserved");
    let version =
        "#include_next <patchlevel.h>\n#undef PY_VERSION_HEX\n#define PY_VERSION_HEX 0x03630000\n";
    std::fs::write(folder.join("patchlevel.h"), version).map_err(|error| error.to_string())?;
    let source = folder.join("direct.c");
    let text = "#include \"pyshim.h\"\nextern int direct[PYSHIM_DIRECT ? -1 : 1];\n";
    std::fs::write(&source, text).map_err(|error| error.to_string())?;
    let mut command = std::process::Command::new("gcc");
    command.arg("-I").arg(&folder);
    for include in &newest.include_dirs {
        command.arg("-I").arg(include);
    }
    command
        .arg("-I")
        .arg(conformance::place::root().join("include"));
    conformance::run::succeed(command.arg("-fsyntax-only").arg(&source)).map(drop)
}

/// The first error is ours, with the code.
fn refused(
    name: &str,
    python: Option<&Python>,
    dialect: Dialect,
    guard: &str,
    flags: &[&str],
) -> Result<(), String> {
    let source: PathBuf = scratch(name).join("mistake.c");
    std::fs::write(&source, "#include \"pyshim.h\"\n").map_err(|error| error.to_string())?;
    let mut command = compiler(dialect, python);
    let outcome = run(command.args(flags).arg("-fsyntax-only").arg(&source))?;
    let errors: Vec<&str> = outcome
        .stderr
        .lines()
        .filter(|line| line.contains("error: "))
        .collect();
    let [first, stop] = errors.as_slice() else {
        return Err(format!(
            "expected {guard} alone, found:\n{}",
            outcome.stderr
        ));
    };
    let ours = first.contains(&format!("pyshim {guard}: "));
    if !outcome.success && ours && stop.contains("stopped: the error above says why") {
        Ok(())
    } else {
        Err(format!("expected {guard}, found:\n{}", outcome.stderr))
    }
}
