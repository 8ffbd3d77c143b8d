//! The mutex under those who wait for it, on every interpreter: CPython's where it is that, and the C
//! core's own everywhere; and before Python is initialised.
//!
//! `PYSHIM_STRESS_SECONDS` sets the time of contention for each; `cargo xtask soak` gives hours.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::{Mutex, PoisonError};

use conformance::compile::{C99, object};
use conformance::extension;
use conformance::manifest::mutex_scheme;
use conformance::place::{root, scratch};
use conformance::run::{run, succeed, succeed_within};
use conformance::trials::{self, trial};
use libtest_mimic::Trial;
use pythons::Python;

/// On each free-threaded interpreter, for each lock.
const SECONDS: u64 = 3;
/// On the others, where one thread runs at a time.
const SECONDS_WITH_A_GIL: u64 = 1;
/// More than a process takes to end, on a busy machine.
const SECONDS_TO_END: u64 = 30;

fn main() -> ExitCode {
    trials::on_interpreters(all)
}

fn all(pythons: &[Python]) -> Vec<Trial> {
    let mut trials = Vec::new();
    for python in pythons {
        trials.push(trial(python, "chosen", |python, _| {
            waits(python, &[], mutex_scheme(python.version.minor())?)
        }));
        trials.push(trial(python, "own", |python, _| {
            waits(python, &["own"], "pyshim")
        }));
        trials.push(trial(python, "early", works_before_python));
        trials.push(trial(python, "mixed", a_mutex_of_both_uses_is_reported));
        trials.push(trial(python, "ends", |python, _| {
            an_interpreter_ends(python)
        }));
    }
    trials
}

/// Builds a source that has the C core in it.
fn build(folder: &Path, python: &Python, name: &str) -> Result<PathBuf, String> {
    let source = root().join(format!("tests/ext/c/{name}.c"));
    let compiled = folder.join(format!("{name}.o"));
    // Slots hold functions as `void *`, as CPython wants them, which ISO C has no word for.
    let flags = ["-Wno-pedantic".to_owned(), "-D_GNU_SOURCE".to_owned()];
    object(C99, Some(python), &flags, &source, &compiled)?;
    let library = folder.join(format!("{name}.so"));
    let mut command = Command::new(C99.program);
    command.args(["-shared", "-pthread"]).arg(&compiled);
    succeed(command.arg("-o").arg(&library))?;
    Ok(library)
}

/// A folder with the extensions that wait and that make interpreters, built once for each Python.
fn extensions(python: &Python) -> Result<PathBuf, String> {
    static BUILT: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(folder) = built.get(&python.label.to_string()) {
        return Ok(folder.clone());
    }
    let folder = scratch(&format!("waiting::{}::extensions", python.label));
    build(&folder, python, "waiting")?;
    let interpreters = root().join("tests/ext/c/interpreters.c");
    extension::build(&folder, python, &[], C99, &interpreters, "interpreters")?;
    built.insert(python.label.to_string(), folder.clone());
    Ok(folder)
}

fn waits(python: &Python, how: &[&str], scheme: &str) -> Result<(), String> {
    let folder = extensions(python)?;
    let seconds = std::env::var("PYSHIM_STRESS_SECONDS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(match python.free_threaded {
            true => SECONDS,
            false => SECONDS_WITH_A_GIL,
        });
    let mut command = Command::new(&python.executable);
    command
        .env_remove("PYTHON_GIL")
        .arg(root().join("tests/ext/waiting.py"))
        .arg(&folder)
        .arg(seconds.to_string())
        .args(how);
    let output = succeed_within(&mut command, seconds + 120)?;
    if output.starts_with(&format!("scheme: {scheme}\n")) && output.ends_with("done\n") {
        Ok(())
    } else {
        Err(output)
    }
}

/// Threads wait for a mutex before Python is initialised, in a library that is loaded first.
fn works_before_python(python: &Python, name: &str) -> Result<(), String> {
    let folder = scratch(&format!("waiting::{name}"));
    let library = build(&folder, python, "early")?;
    let mut command = Command::new(&python.executable);
    command
        .env("LD_PRELOAD", &library)
        .args(["-c", "print('alive')"]);
    let outcome = run(&mut command)?;
    let scheme = mutex_scheme(python.version.minor())?;
    if outcome.success
        && outcome.stdout == "alive\n"
        && outcome.stderr.contains(&format!("early: {scheme}\n"))
    {
        Ok(())
    } else {
        Err(format!("{outcome:#?}"))
    }
}

/// Whatever threads are doing with locks, the process ends at once, and well; and a mutex is still a
/// mutex when Python is gone.
fn an_interpreter_ends(python: &Python) -> Result<(), String> {
    let folder = extensions(python)?;
    let late = "after Python: initialized 0, total 15000, byte 0\n";
    for (how, after) in [
        ("main_has_the_mutex", late),
        ("a_thread_has_the_mutex", ""),
        ("threads_are_at_it", ""),
        ("unlocked_at_the_end", ""),
        ("another_one_has_it", late),
        ("another_one_waits", ""),
    ] {
        for whose in ["chosen", "own"] {
            let mut command = Command::new(&python.executable);
            command
                .env_remove("PYTHON_GIL")
                .arg(root().join("tests/ext/ends.py"))
                .arg(&folder)
                .args([how, whose]);
            let output = succeed_within(&mut command, SECONDS_TO_END)
                .map_err(|error| format!("{how}, {whose}: {error}"))?;
            if output != format!("ends\n{after}") {
                return Err(format!("{how}, {whose}: {output}"));
            }
        }
    }
    Ok(())
}

/// In files compiled checkable, when asked for by the environment, once, with both places.
fn a_mutex_of_both_uses_is_reported(python: &Python, name: &str) -> Result<(), String> {
    let folder = scratch(&format!("waiting::{name}"));
    let source = root().join("tests/ext/c/mixed.c");
    let text = std::fs::read_to_string(&source).map_err(|error| error.to_string())?;
    let place = |comment: &str| {
        let line = text.lines().position(|line| line.ends_with(comment));
        format!("mixed.c:{}", line.map_or(0, |line| line + 1))
    };
    let (section, direct) = (place("/* a section */"), place("/* directly */"));
    for (flag, asked, reports) in [
        ("-DPYSHIM_CHECKABLE", "1", 1),
        ("-DPYSHIM_CHECKABLE", "0", 0),
        ("-DNOT_CHECKABLE", "1", 0),
    ] {
        extension::build(&folder, python, &[flag.to_owned()], C99, &source, "mixed")?;
        let mut command = Command::new(&python.executable);
        command
            .current_dir(&folder)
            .env("PYSHIM_CHECK", asked)
            .args(["-c", "import mixed; mixed.mix()"]);
        let outcome = run(&mut command)?;
        let found: Vec<&str> = outcome.stderr.lines().collect();
        let well = found.len() == reports
            && found
                .iter()
                .all(|line| line.contains(&section) && line.contains(&direct));
        if !outcome.success || !well {
            return Err(format!("{flag}, PYSHIM_CHECK={asked}: {outcome:#?}"));
        }
    }
    Ok(())
}
