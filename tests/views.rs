//! Views between interpreters, on every interpreter: as CPython manages memory, under
//! AddressSanitizer, and where the process ends with views open.
//!
//! `PYSHIM_STRESS_SECONDS` sets how long threads open and close views; `cargo xtask soak` gives hours.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use conformance::compile::{C99, object};
use conformance::extension;
use conformance::place::{root, scratch};
use conformance::run::{run, succeed, succeed_within};
use conformance::trials::{self, trial};
use libtest_mimic::Trial;
use pythons::Python;

/// A process that does not end within these seconds hangs.
const HANGS: u64 = 60;

/// On each interpreter, besides what takes as long as it takes.
const SECONDS: u64 = 1;

fn main() -> ExitCode {
    trials::on_interpreters(all)
}

fn all(pythons: &[Python]) -> Vec<Trial> {
    let mut trials = Vec::new();
    let newest = pythons.iter().rfind(|python| python.free_threaded);
    for python in pythons {
        trials.push(trial(python, "plain", |python, name| {
            let folder = build(python, name, Memory::CPythons)?;
            works(python, &folder, Memory::CPythons)?;
            threads_are_first_together(python, &folder)?;
            the_process_ends(python, &folder)
        }));
        // In free-threaded builds it sees the C core's own memory only, which is the same in all.
        let same = python.free_threaded && newest.is_some_and(|it| it.label != python.label);
        if !same || asked().is_some() {
            trials.push(trial(python, "addresses", |python, name| {
                let folder = build(python, name, Memory::Watched)?;
                works(python, &folder, Memory::Watched)
            }));
        }
    }
    // Free-threaded builds have no allocator that AddressSanitizer could look at.
    if let Some(python) = pythons.iter().find(|python| !python.free_threaded) {
        trials.push(trial(
            python,
            "memory_that_is_not_held_is_noticed",
            memory_that_is_not_held_is_noticed,
        ));
    }
    trials
}

/// Who gives out memory.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Memory {
    /// CPython, from its arenas.
    CPythons,
    /// The C library under AddressSanitizer, where the build can do without arenas.
    Watched,
}

/// Seconds of threads that open and close views, where somebody has asked for so many.
fn asked() -> Option<u64> {
    let asked = std::env::var("PYSHIM_STRESS_SECONDS").ok();
    asked.and_then(|text| text.parse().ok())
}

/// The folder with the extension in it.
fn build(python: &Python, name: &str, memory: Memory) -> Result<PathBuf, String> {
    let folder = scratch(&format!("views::{name}"));
    let flags = match memory {
        Memory::CPythons => &["-O1"][..],
        Memory::Watched => &["-O0", "-g", "-fsanitize=address"],
    };
    let flags: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
    let source = root().join("tests/ext/c/views.c");
    extension::build(&folder, python, &flags, C99, &source, "views")?;
    Ok(folder)
}

fn script(
    python: &Python,
    folder: &Path,
    memory: Memory,
    name: &str,
    arguments: &[&str],
) -> Result<Command, String> {
    let mut command = match memory {
        Memory::CPythons => Command::new(&python.executable),
        Memory::Watched => watched(python)?,
    };
    command.env_remove("PYTHON_GIL");
    command
        .arg(root().join("tests/ext").join(name))
        .arg(folder)
        .args(arguments);
    Ok(command)
}

/// An interpreter under AddressSanitizer.
fn watched(python: &Python) -> Result<Command, String> {
    let allocator = if python.free_threaded {
        "default"
    } else {
        "malloc"
    };
    let mut command = Command::new(&python.executable);
    command
        .env("LD_PRELOAD", library("libasan.so")?)
        .env("ASAN_OPTIONS", "detect_leaks=0")
        .env("PYTHONMALLOC", allocator);
    Ok(command)
}

/// Where gcc keeps one of its libraries.
fn library(name: &str) -> Result<PathBuf, String> {
    let mut command = Command::new("gcc");
    command.arg(format!("-print-file-name={name}"));
    let path = PathBuf::from(succeed_within(&mut command, 10)?.trim());
    if path.is_absolute() {
        Ok(path)
    } else {
        Err(format!("gcc has no {name}"))
    }
}

fn works(python: &Python, folder: &Path, memory: Memory) -> Result<(), String> {
    let seconds = asked().unwrap_or(SECONDS);
    let shown = seconds.to_string();
    let mut command = script(python, folder, memory, "views.py", &[&shown])?;
    let output = succeed_within(&mut command, seconds + HANGS)?;
    // The 3.13t that is put together from packages has none.
    let may_lack = python.label.to_string() == "3.13t";
    let lacks = output.contains("built without interpreters in Python");
    if lacks {
        println!("{}: no module to make interpreters with", python.label);
    }
    if !output.ends_with("done\n") || (lacks && !may_lack) {
        return Err(output);
    }
    // Nobody can make a CPython without this module run out of memory.
    if has_testcapi(python)? {
        memory_may_run_out(python, folder, memory)
    } else {
        println!("{}: without _testcapi, memory never runs out", python.label);
        Ok(())
    }
}

fn has_testcapi(python: &Python) -> Result<bool, String> {
    let mut command = Command::new(&python.executable);
    Ok(run(command.args(["-c", "import _testcapi"]))?.success)
}

/// At each allocation of CPython's in turn, in a process of its own.
fn memory_may_run_out(python: &Python, folder: &Path, memory: Memory) -> Result<(), String> {
    let test = ["memory_may_run_out"];
    let mut command = script(python, folder, memory, "views.py", &test)?;
    match succeed_within(&mut command, HANGS)?.as_str() {
        "done\n" => Ok(()),
        output => Err(output.to_owned()),
    }
}

/// Threads in the main interpreter whose first use meets another's. Each process has one such moment, and
/// about every second meets; where nothing interrupts the first use, `nested` does.
fn threads_are_first_together(python: &Python, folder: &Path) -> Result<(), String> {
    let meets = if python.free_threaded { 5 } else { 1 };
    let nested = ["nested", "nested_and_fails"];
    for how in nested.into_iter().chain(vec!["threads"; meets]) {
        let memory = Memory::CPythons;
        let mut command = script(python, folder, memory, "views_first.py", &[how])?;
        let output = succeed_within(&mut command, HANGS)?;
        if output != "done\n" {
            return Err(format!("{how}: {output}"));
        }
    }
    Ok(())
}

/// How a process ends with views, and whether its other interpreters end before or after the C core has
/// looked for the last time.
const ENDS: &[(&str, &[&str])] = &[
    ("receiver_is_another", &["before"]),
    ("receiver_is_main", &["before", "after"]),
    ("receiver_is_main_until_sys_goes", &["before"]),
    ("neither_is_main", &["before", "after"]),
    ("both_are_main", &["before"]),
    ("nobody_opens", &["before"]),
    ("the_owner_has_ended", &["before"]),
    ("daemons_open_and_close", &["before", "after"]),
    ("closed_in_atexit", &["after"]),
    ("nobody_calls_at_exit", &["before"]),
    ("used_after_the_last_look", &["before"]),
    ("used_when_all_is_forgotten", &["before"]),
];

fn the_process_ends(python: &Python, folder: &Path) -> Result<(), String> {
    for (how, whens) in ENDS {
        for when in *whens {
            let arguments = [*how, *when];
            let memory = Memory::CPythons;
            let mut command = script(python, folder, memory, "views_exit.py", &arguments)?;
            let outcome = run(&mut command)?;
            if !(outcome.success && outcome.stdout == "end\n" && outcome.stderr.is_empty()) {
                return Err(format!("{how}, {when}: {outcome:#?}"));
            }
        }
    }
    Ok(())
}

/// A C core that gives the memory back at once. AddressSanitizer says so, and would of any other way to
/// lose it.
fn memory_that_is_not_held_is_noticed(python: &Python, name: &str) -> Result<(), String> {
    const SOUND: &str = "seen->obj = NULL;";
    let folder = scratch(&format!("views::{name}"));
    // A file looks into its own folder first, so all of them are copied.
    let mut copy = Command::new("cp");
    copy.arg("-r").arg(root().join("shim/csrc")).arg(&folder);
    succeed(&mut copy)?;
    let broken = folder.join("csrc/view.c");
    let text = std::fs::read_to_string(&broken).map_err(|error| error.to_string())?;
    if text.matches(SOUND).count() != 1 {
        return Err(format!("`{SOUND}` is not once in view.c"));
    }
    let loses = format!("{SOUND} pyshim_core_view_release(view);");
    std::fs::write(&broken, text.replace(SOUND, &loses)).map_err(|error| error.to_string())?;
    let flags = ["-O0", "-fsanitize=address", "-g", "-Wno-pedantic"].map(str::to_owned);
    let mut link = Command::new(C99.program);
    link.args(["-shared", "-pthread", "-fsanitize=address"]);
    for source in [
        folder.join("csrc/pyshim.c"),
        root().join("tests/ext/c/views.c"),
    ] {
        let compiled = folder
            .join(source.file_name().unwrap_or_default())
            .with_extension("o");
        object(C99, Some(python), &flags, &source, &compiled)?;
        link.arg(compiled);
    }
    succeed(link.arg("-o").arg(folder.join("views.so")))?;
    let use_it = "
import sys; sys.path.insert(0, sys.argv[1])
import views
bytes(views.open(views.send(bytearray(9000))))
";
    let mut command = watched(python)?;
    command.args(["-c", use_it]).arg(&folder);
    let outcome = run(&mut command)?;
    if outcome
        .stderr
        .contains("AddressSanitizer: heap-use-after-free")
    {
        Ok(())
    } else {
        Err(format!("it was not noticed: {outcome:#?}"))
    }
}
