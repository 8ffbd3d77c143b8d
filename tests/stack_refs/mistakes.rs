//! Mistakes in C and C++, in every mode: reports name the lines of the source, and end the process or
//! not as the environment says.

use std::path::Path;
use std::process::Command;

use conformance::compile::{C99, CPP11, Dialect, object};
use conformance::extension::build;
use conformance::mode::{Mode, extension_modes};
use conformance::place::{root, scratch};
use conformance::run::{Outcome, run};
use libtest_mimic::{Failed, Trial};
use pythons::Python;

use crate::CHECKABLE;

const SOURCE: &str = "tests/ext/c/stack_mistakes.c";

/// A mistake, what is said of it, and the parts of the report with their lines.
struct Mistake {
    name: &'static str,
    said: &'static str,
    parts: &'static [&'static str],
    fatal: bool,
}

const MISTAKES: &[Mistake] = &[
    Mistake {
        name: "leaked",
        said: "a stack reference leaked",
        parts: &["made", "last borrowed", "still open"],
        fatal: false,
    },
    Mistake {
        name: "closed_twice",
        said: "a stack reference was closed twice",
        parts: &["made", "first closed", "again"],
        fatal: true,
    },
    Mistake {
        name: "used_after_close",
        said: "a stack reference was used after it was closed",
        parts: &["made", "closed", "used"],
        fatal: true,
    },
    Mistake {
        name: "stolen_twice",
        said: "a stack reference was stolen twice",
        parts: &["made", "first stolen", "again"],
        fatal: true,
    },
    Mistake {
        name: "borrowed_after_close",
        said: "a stack reference was borrowed after its owner was closed",
        parts: &["made", "closed", "borrowed"],
        fatal: true,
    },
    Mistake {
        name: "closed_while_borrowed",
        said: "a stack reference was closed while it was borrowed",
        parts: &["made", "last borrowed", "closed"],
        fatal: true,
    },
    Mistake {
        name: "out_of_order",
        said: "a stack reference frame was popped out of order",
        parts: &["one within it pushed", "popped"],
        fatal: true,
    },
];

pub(crate) fn trials(python: &Python) -> Vec<Trial> {
    let mut trials = Vec::new();
    for mode in extension_modes(python) {
        for dialect in [C99, CPP11] {
            let name = format!("{}::{}::{}", python.label, mode.name, dialect.language);
            let (python, mode) = (python.clone(), mode.clone());
            trials.push(Trial::test(format!("{name}::mistakes"), move || {
                each_is_reported(&python, &mode, dialect, &name).map_err(Failed::from)
            }));
        }
    }
    for (name, test) in [
        (
            "off",
            nothing_is_checked_unless_the_environment_says_so as Test,
        ),
        ("threads", a_reference_stays_in_its_thread),
        ("links", kinds_do_not_link),
    ] {
        let python = python.clone();
        let full = format!("{}::{name}", python.label);
        trials.push(Trial::test(full.clone(), move || {
            test(&python, &scratch(&format!("stack_refs::{full}"))).map_err(Failed::from)
        }));
    }
    trials
}

type Test = fn(&Python, &Path) -> Result<(), String>;

fn python_in(python: &Python, folder: &Path, code: &str) -> Command {
    let mut command = Command::new(&python.executable);
    command
        .current_dir(folder)
        .env_remove("PYTHON_GIL")
        .env_remove("PYSHIM_STACK_REF_CHECKS")
        .args(["-c", &format!("import stack_mistakes as m\n{code}")]);
    command
}

fn build_kind(folder: &Path, python: &Python, flags: &[String], dialect: Dialect) -> Checked {
    build(
        folder,
        python,
        flags,
        dialect,
        &root().join(SOURCE),
        "stack_mistakes",
    )
    .map(drop)
}

type Checked = Result<(), String>;

fn checkable(flags: &[String]) -> Vec<String> {
    flags
        .iter()
        .cloned()
        .chain([CHECKABLE.to_owned()])
        .collect()
}

/// `FILE:LINE` of the line whose comment names this part of a mistake.
fn place(source: &str, mistake: &str, part: &str) -> Result<String, String> {
    let comment = format!("/* {mistake}: {part} */");
    let line = source.lines().position(|line| line.contains(&comment));
    let line = line.ok_or_else(|| format!("no {comment} in {SOURCE}"))?;
    Ok(format!("{SOURCE}:{}", line + 1))
}

/// What is printed of a mistake: every part with its place. The place of a borrow is the one that is
/// still open.
fn is_told(outcome: &Outcome, source: &str, mistake: &Mistake) -> Checked {
    let mut wanted = vec![format!("pyshim: {}", mistake.said)];
    for part in mistake.parts {
        let comment = match (mistake.name, *part) {
            ("closed_while_borrowed", "last borrowed") => "borrowed",
            (_, part) => part,
        };
        let place = place(source, mistake.name, comment)?;
        // The extension is compiled by its full path.
        wanted.push(format!("{part} at "));
        wanted.push(place);
    }
    match wanted.iter().find(|part| !outcome.stderr.contains(*part)) {
        None => Ok(()),
        Some(part) => Err(format!("no {part:?} in:\n{}", outcome.stderr)),
    }
}

fn each_is_reported(python: &Python, mode: &Mode, dialect: Dialect, name: &str) -> Checked {
    let folder = scratch(&format!("stack_refs::{name}"));
    build_kind(&folder, python, &checkable(&mode.flags), dialect)?;
    let source = std::fs::read_to_string(root().join(SOURCE)).map_err(|error| error.to_string())?;
    for mistake in MISTAKES {
        for (checks, ends) in [("warn", false), ("1", mistake.fatal)] {
            let code = format!("assert m.checking()\nm.{}([])\nprint('on')", mistake.name);
            let mut command = python_in(python, &folder, &code);
            let outcome = run(command.env("PYSHIM_STACK_REF_CHECKS", checks))?;
            is_told(&outcome, &source, mistake)?;
            let ended = !outcome.success && outcome.stderr.contains("Fatal Python error");
            if ended != ends || outcome.stdout.contains("on") == ends {
                let Outcome { status, stderr, .. } = outcome;
                return Err(format!("{}, {checks}: {status}\n{stderr}", mistake.name));
            }
        }
    }
    let code = "
thing = object()
for _ in range(3000):
    assert m.fine(thing) == (thing,)
";
    let outcome = run(python_in(python, &folder, code).env("PYSHIM_STACK_REF_CHECKS", "1"))?;
    if outcome.success && outcome.stderr.is_empty() {
        Ok(())
    } else {
        Err(format!("fine: {}\n{}", outcome.status, outcome.stderr))
    }
}

fn nothing_is_checked_unless_the_environment_says_so(python: &Python, folder: &Path) -> Checked {
    let code = "
import sys
assert not m.checking()
thing = object()
before = sys.getrefcount(thing)
assert m.fine(thing) == (thing,)
assert sys.getrefcount(thing) == before
m.leaked(thing)
assert sys.getrefcount(thing) == before + 1
";
    for (flags, checks) in [
        (Vec::new(), "1"),
        (checkable(&[]), "0"),
        (checkable(&[]), ""),
    ] {
        build_kind(folder, python, &flags, CPP11)?;
        let outcome = run(python_in(python, folder, code).env("PYSHIM_STACK_REF_CHECKS", checks))?;
        if !outcome.success || !outcome.stderr.is_empty() {
            return Err(format!("{flags:?}, {checks:?}: {}", outcome.stderr));
        }
    }
    Ok(())
}

/// Each thread has a table of its own, which ends with it: what is open then has leaked, and what one
/// thread made is not for another.
fn a_reference_stays_in_its_thread(python: &Python, folder: &Path) -> Checked {
    build_kind(folder, python, &checkable(&[]), C99)?;
    let source = std::fs::read_to_string(root().join(SOURCE)).map_err(|error| error.to_string())?;
    let code = "
import threading
def run(work):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
for _ in range(50):
    run(lambda: m.fine([]))
m.keep([])
run(lambda: m.use_kept([]))
m.use_kept([])
run(lambda: m.keep([]))
print('ended', flush=True)
";
    let outcome = run(python_in(python, folder, code).env("PYSHIM_STACK_REF_CHECKS", "warn"))?;
    let made = place(&source, "kept", "made")?;
    let used = place(&source, "kept", "used")?;
    let foreign = "a stack reference is not of this thread, or was closed long ago, used at ";
    let parts = [
        (foreign, used.as_str()),
        ("a stack reference leaked, made at ", made.as_str()),
        ("still open at", "the end of its thread state"),
    ];
    let lines: Vec<&str> = outcome.stderr.lines().collect();
    for (start, end) in parts {
        if lines
            .iter()
            .filter(|line| line.contains(start) && line.contains(end))
            .count()
            != 1
        {
            return Err(format!("not one {start:?} {end:?} in:\n{}", outcome.stderr));
        }
    }
    if outcome.success && lines.len() == 2 {
        Ok(())
    } else {
        Err(format!("{}:\n{}", outcome.status, outcome.stderr))
    }
}

/// Files that can be checked and files that cannot are refused by the linker, which names the macro.
fn kinds_do_not_link(python: &Python, folder: &Path) -> Checked {
    let sources = [
        ("core", "shim/csrc/pyshim.c", C99),
        ("module", SOURCE, CPP11),
    ];
    for (name, source, dialect) in sources {
        for (kind, flags) in [("with", checkable(&[])), ("without", Vec::new())] {
            let output = folder.join(format!("{name}-{kind}.o"));
            let flags: Vec<String> = flags.into_iter().chain(["-Wno-pedantic".into()]).collect();
            object(dialect, Some(python), &flags, &root().join(source), &output)?;
        }
    }
    for (core, module) in [("with", "without"), ("without", "with"), ("with", "with")] {
        let outcome = run(Command::new("gcc")
            .args(["-shared", "-o"])
            .arg(folder.join("linked.so"))
            .arg(folder.join(format!("core-{core}.o")))
            .arg(folder.join(format!("module-{module}.o"))))?;
        let named = format!("pyshim_compiled_{module}_PYSHIM_STACK_REF_CHECKS");
        if outcome.success != (core == module) {
            return Err(format!(
                "{core}, {module}: {}\n{}",
                outcome.status, outcome.stderr
            ));
        }
        if !outcome.success && !outcome.stderr.contains(&named) {
            return Err(format!("no `{named}` in:\n{}", outcome.stderr));
        }
    }
    Ok(())
}
