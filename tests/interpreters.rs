//! Everything that is tried on each real interpreter: headers, extensions, the GIL.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Mutex;

use conformance::compile::{C99, CPP11, DIALECTS, Dialect, check_syntax, header_warnings};
use conformance::extension::build_demo;
use conformance::manifest::mutex_scheme;
use conformance::mode::{Mode, extension_modes, is_at_an_end, modes};
use conformance::place::{root, scratch};
use conformance::run::{Outcome, run, succeed};
use conformance::trials::{self, trial};
use libtest_mimic::Trial;
use pythons::Python;

mod universal;

fn main() -> ExitCode {
    trials::on_interpreters(all)
}

fn all(pythons: &[Python]) -> Vec<Trial> {
    for python in pythons {
        let (label, version) = (python.label, python.version);
        eprintln!(
            "on {label}: {version}, {}, {}",
            python.origin,
            python.executable.display()
        );
    }
    let mut trials: Vec<Trial> = pythons
        .iter()
        .flat_map(|python| each(python, is_at_an_end(python, pythons)))
        .collect();
    trials.extend(universal::all(pythons));
    trials
}

/// The oldest and the newest are the ends.
fn each(python: &Python, is_end: bool) -> Vec<Trial> {
    let mut trials = Vec::new();
    let mut in_all = extension_modes(python);
    in_all.truncate(if is_end { in_all.len() } else { 1 });
    for (number, mode) in modes(python).into_iter().enumerate() {
        let turn = usize::try_from(python.version.minor()).unwrap_or(0) + number;
        trials.push(trial(python, &format!("{}::headers", mode.name), {
            let dialects = match in_all.contains(&mode) {
                true => DIALECTS.to_vec(),
                false => by_turns(turn).to_vec(),
            };
            move |python, _| headers_fit(python, &mode, &dialects)
        }));
    }
    for (turn, mode) in (python.version.minor()..).zip(extension_modes(python)) {
        // C++ has the macros of C, so each mode of it has one of the two by turns.
        let of_cpp = match turn % 2 {
            0 => StackRefs::Plain,
            _ => StackRefs::Checked,
        };
        for (dialect, checks) in [(C99, StackRefs::ALL.as_slice()), (CPP11, &[of_cpp])] {
            let name = format!("{}::{}::extension", mode.name, dialect.language);
            let (mode, checks) = (mode.clone(), checks.to_vec());
            trials.push(trial(python, &name, move |python, name| {
                extension_does_what_it_should(python, &mode, dialect, &checks, name)
            }));
        }
    }
    for checks in StackRefs::ALL {
        trials.push(trial(python, checks.name(), move |python, name| {
            rust_extension_does_what_it_should(python, checks, name)
        }));
    }
    trials.push(trial(
        python,
        "rust::mirrors",
        rust_mirrors_have_the_layout_of_the_headers,
    ));
    trials.push(trial(
        python,
        "gil::unknown_bits",
        unknown_bits_fail_the_import,
    ));
    trials.push(trial(
        python,
        "gil::unset",
        a_module_without_bits_gets_the_gil,
    ));
    trials.push(trial(
        python,
        "gil::single_phase",
        a_single_phase_module_gets_what_a_slot_would_give,
    ));
    if python.version.minor() >= FIRST_NESTED {
        trials.push(trial(python, "gil::nested", nested_slots_are_found));
    }
    trials.push(trial(
        python,
        "subinterpreters",
        every_interpreter_can_import,
    ));
    trials.push(trial(python, "import_threads", two_threads_can_import));
    trials.push(trial(
        python,
        "wrong_build",
        another_build_is_refused_with_a_reason,
    ));
    trials
}

/// Two dialects, for a limited API of an interpreter between the oldest and the newest, or between these
/// itself. All of them have their turn, with one interpreter or another: every dialect in each of these took
/// a fifth of all tests' time.
fn by_turns(turn: usize) -> [Dialect; 2] {
    let half = DIALECTS.len() / 2;
    [turn, turn + half].map(|number| DIALECTS[number % DIALECTS.len()])
}

/// `upstream.c` holds what the manifest says of CPython as static assertions, and `macros.c` uses
/// every macro of the headers, through the table. Neither gives a warning, also of casts.
fn headers_fit(python: &Python, mode: &Mode, dialects: &[Dialect]) -> Result<(), String> {
    for dialect in dialects {
        let mut flags = mode.flags.clone();
        flags.extend(header_warnings(*dialect));
        let table = ["-DPYSHIM_FORCE_TABLE".to_owned()];
        for (source, more) in [
            ("tests/generated/upstream.c", &[][..]),
            ("tests/ext/c/macros.c", &table),
        ] {
            let flags = [&flags, more].concat();
            let outcome = check_syntax(*dialect, Some(python), &flags, &root().join(source))?;
            if !outcome.success {
                return Err(format!("{}:\n{}", dialect.name(), outcome.stderr));
            }
        }
    }
    Ok(())
}

/// Runs Python with the folder on its path.
fn python_in(python: &Python, folder: &Path, code: &str) -> Command {
    let mut command = Command::new(&python.executable);
    command
        .current_dir(folder)
        .env_remove("PYTHON_GIL")
        .args(["-c", code]);
    command
}

/// What an interpreter with live sections prints where builds differ.
fn build_lines(python: &Python) -> Result<[String; 3], String> {
    let (status, scheme, gil) = if python.free_threaded {
        (2, "hazard", "False")
    } else {
        (1, "gil", "True")
    };
    let mutex = mutex_scheme(python.version.minor())?;
    Ok([
        format!("build: status {status} scheme {scheme}"),
        format!("build: mutex {mutex}"),
        format!("build: gil {gil}"),
    ])
}

/// Runs a script and compares what it prints with the file beside it, which is the same for every
/// language, mode and CPython; lines that start with `build` are left out. Gives all of it. Nothing is
/// reported of stack references where they are checked.
fn check(
    python: &Python,
    script: &str,
    arguments: &[&OsStr],
    stack_ref_checks: &str,
) -> Result<String, String> {
    let script = root().join(script);
    let mut command = Command::new(&python.executable);
    command
        .env_remove("PYTHON_GIL")
        .env("PYSHIM_STACK_REF_CHECKS", stack_ref_checks)
        .args(["-W", "error"])
        .arg(&script)
        .args(arguments);
    let outcome = run(&mut command)?;
    if !outcome.success || outcome.stderr.contains("pyshim: a stack reference") {
        return Err(format!("{}:\n{}", outcome.status, outcome.stderr));
    }
    let output = outcome.stdout;
    let expected = std::fs::read_to_string(script.with_extension("expected"))
        .map_err(|error| error.to_string())?;
    let same: Vec<&str> = output
        .lines()
        .filter(|line| !line.starts_with("build"))
        .collect();
    let wanted: Vec<&str> = expected.lines().collect();
    if same == wanted {
        Ok(output)
    } else {
        Err(format!(
            "found:\n{}\nexpected:\n{expected}",
            same.join("\n")
        ))
    }
}

fn check_demo(
    python: &Python,
    folder: &Path,
    module: &str,
    stack_ref_checks: &str,
) -> Result<(), String> {
    let arguments = [folder.as_os_str(), OsStr::new(module)];
    let script = "tests/ext/check_demo.py";
    let output = check(python, script, &arguments, stack_ref_checks)?;
    let builds: Vec<&str> = output
        .lines()
        .filter(|line| line.starts_with("build"))
        .collect();
    let [status, mutex, gil] = build_lines(python)?;
    if builds != [&status, &mutex, &gil, &gil] {
        return Err(format!(
            "found {builds:?}, expected {status:?}, {mutex:?}, {gil:?}, {gil:?}"
        ));
    }
    Ok(())
}

/// Built without checks of stack references, it also says who provides each slot.
fn extension_does_what_it_should(
    python: &Python,
    mode: &Mode,
    dialect: Dialect,
    checks: &[StackRefs],
    name: &str,
) -> Result<(), String> {
    let folder = scratch(name);
    for checks in checks {
        let (flags, environment) = match checks {
            StackRefs::Plain => (&[][..], "0"),
            StackRefs::Checked => (&["-DPYSHIM_STACK_REF_CHECKS".to_owned()][..], "1"),
        };
        build_demo(&folder, python, mode, dialect, flags)?;
        check_demo(python, &folder, "demo", environment)?;
        if *checks == StackRefs::Plain {
            providers_are_those_of_the_golden(python, &folder)?;
        }
    }
    Ok(())
}

/// Whether an extension is built with checks of stack references, and run with them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum StackRefs {
    Plain,
    Checked,
}

impl StackRefs {
    const ALL: [StackRefs; 2] = [StackRefs::Plain, StackRefs::Checked];

    fn name(self) -> &'static str {
        match self {
            StackRefs::Plain => "rust::extension",
            StackRefs::Checked => "rust::checked",
        }
    }
}

fn rust_extension_does_what_it_should(
    python: &Python,
    checks: StackRefs,
    name: &str,
) -> Result<(), String> {
    // One target folder for all, so that only the extension itself is compiled for each; cargo
    // would let the next build replace the library before it is copied.
    static BUILD: Mutex<()> = Mutex::new(());
    let folder = scratch(name);
    let checked = checks == StackRefs::Checked;
    let target = root().join(if checked {
        "target/demo-rust-checked"
    } else {
        "target/demo-rust"
    });
    let guard = BUILD.lock();
    let mut command = Command::new(env!("CARGO"));
    command
        .current_dir(root())
        .args(["build", "--quiet", "--package", "demo-rust", "--target-dir"])
        .arg(&target)
        .args(checked.then_some("--features=stack-ref-checks"))
        .env("DEMO_PYTHON", &python.executable);
    succeed(&mut command)?;
    std::fs::copy(
        target.join("debug/libdemo_rust.so"),
        folder.join("demo_rust.so"),
    )
    .map_err(|error| error.to_string())?;
    drop(guard);
    let environment = if checked { "1" } else { "0" };
    check_demo(python, &folder, "demo_rust", environment)?;
    let arguments = [folder.as_os_str()];
    check(python, "tests/ext/rust/check.py", &arguments, environment).map(drop)
}

fn rust_mirrors_have_the_layout_of_the_headers(python: &Python, name: &str) -> Result<(), String> {
    let folder = scratch(name);
    let mut command = Command::new("rustc");
    command
        .args([
            "--edition",
            "2024",
            "--crate-type",
            "lib",
            "--emit",
            "metadata",
        ])
        .arg(root().join("tests/generated/upstream.rs"))
        .arg("--out-dir")
        .arg(&folder);
    for minor in 8..=python.version.minor() {
        command.args(["--cfg", &format!("Py_3_{minor}")]);
    }
    if python.free_threaded {
        command.args(["--cfg", "Py_GIL_DISABLED"]);
    }
    succeed(&mut command).map(drop)
}

/// The listing of who provides each slot, per interpreter; the modes must agree on it.
fn providers_are_those_of_the_golden(python: &Python, folder: &Path) -> Result<(), String> {
    let code = "import demo; print(demo.providers(), end='')";
    let found = succeed(&mut python_in(python, folder, code))?;
    let golden = root().join(format!("tests/golden/providers/{}.txt", python.label));
    if std::env::var_os("PYSHIM_BLESS").is_some() {
        return std::fs::write(&golden, found).map_err(|error| error.to_string());
    }
    let expected = std::fs::read_to_string(&golden)
        .map_err(|error| format!("{}: {error}; PYSHIM_BLESS=1 writes it", golden.display()))?;
    if found == expected {
        Ok(())
    } else {
        Err(format!("found:\n{found}\nexpected:\n{expected}"))
    }
}

fn full(python: &Python) -> Mode {
    modes(python).swap_remove(0)
}

/// Builds the extension with other GIL bits.
fn with_bits(python: &Python, name: &str, bits: &str) -> Result<std::path::PathBuf, String> {
    let folder = scratch(name);
    build_demo(
        &folder,
        python,
        &full(python),
        C99,
        &[format!("-DDEMO_GIL_BITS={bits}")],
    )?;
    Ok(folder)
}

fn must_fail(outcome: &Outcome, parts: &[&str]) -> Result<(), String> {
    let there = parts.iter().all(|part| outcome.stderr.contains(part));
    if !outcome.success && there {
        return Ok(());
    }
    Err(format!(
        "{}, expected a failure with {parts:?}:\n{}",
        outcome.status, outcome.stderr
    ))
}

fn unknown_bits_fail_the_import(python: &Python, name: &str) -> Result<(), String> {
    for (bits, shown) in [("0x40u", "0x40"), ("0x100000001ull", "0xffffffff")] {
        let folder = with_bits(python, name, bits)?;
        let outcome = run(&mut python_in(python, &folder, "import demo"))?;
        let text = format!("ImportError: pyshim: the GIL slot has bits {shown}, and only 0x3");
        must_fail(&outcome, &[&text])?;
    }
    Ok(())
}

/// Bit 1 alone asks for a successor that no CPython has, so the GIL is asked for; and where that is
/// forced off the import fails. No bits at all need the GIL, as CPython has it.
fn a_module_without_bits_gets_the_gil(python: &Python, name: &str) -> Result<(), String> {
    if !python.free_threaded {
        let folder = with_bits(python, name, "0")?;
        return succeed(&mut python_in(python, &folder, "import demo")).map(drop);
    }
    let show = "import sys, demo; print(sys._is_gil_enabled())";
    for bits in ["0", "PYSHIM_MOD_GIL_SUCCESSOR"] {
        let folder = with_bits(python, name, bits)?;
        let outcome = run(&mut python_in(python, &folder, show))?;
        if outcome.stdout.trim() != "True" || !outcome.stderr.contains("RuntimeWarning") {
            return Err(format!("bits {bits}: {}{}", outcome.stdout, outcome.stderr));
        }
    }
    let folder = with_bits(python, name, "PYSHIM_MOD_GIL_SUCCESSOR")?;
    let outcome = run(python_in(python, &folder, show).env("PYTHON_GIL", "0"))?;
    must_fail(
        &outcome,
        &["ImportError: pyshim: this module relies on critical sections"],
    )?;
    let folder = with_bits(
        python,
        name,
        "PYSHIM_MOD_GIL_SECTIONS | PYSHIM_MOD_GIL_SUCCESSOR",
    )?;
    let found = succeed(&mut python_in(python, &folder, show))?;
    if found.trim() == "False" {
        Ok(())
    } else {
        Err(format!("both bits: GIL is {found}"))
    }
}

/// What an import says of the GIL for a module with these bits, wherever it has them.
const SETTLED: &[(&str, Settled)] = &[
    ("PYSHIM_MOD_GIL_SECTIONS", Settled::Off),
    ("PYSHIM_MOD_GIL_SUCCESSOR", Settled::On),
    ("PYSHIM_MOD_GIL_USED", Settled::On),
    ("0x41u", Settled::Refused),
];

#[derive(Clone, Copy)]
enum Settled {
    /// It stays off where it can be.
    Off,
    /// It is turned on, with a warning where it was off.
    On,
    /// There is no import.
    Refused,
}

/// Imports a module by itself and sees what becomes of the GIL.
fn is_settled(
    python: &Python,
    folder: &Path,
    module: &str,
    settled: Settled,
) -> Result<(), String> {
    let code = format!("import sys, {module}; print(getattr(sys, '_is_gil_enabled', bool)())");
    let outcome = run(&mut python_in(python, folder, &code))?;
    if let Settled::Refused = settled {
        return must_fail(
            &outcome,
            &["ImportError: pyshim: the GIL slot has bits 0x41"],
        );
    }
    let warned = outcome.stderr.contains("RuntimeWarning");
    let off = outcome.stdout.trim() == "False";
    let turned_on = python.free_threaded && matches!(settled, Settled::On);
    let stays_off = python.free_threaded && matches!(settled, Settled::Off);
    let old = python.version.minor() < 13; // has no GIL to ask about
    if outcome.success && warned == turned_on && (old || off == stays_off) {
        return Ok(());
    }
    let (out, err) = (&outcome.stdout, &outcome.stderr);
    Err(format!("{module}: {}\n{out}{err}", outcome.status))
}

fn a_single_phase_module_gets_what_a_slot_would_give(
    python: &Python,
    name: &str,
) -> Result<(), String> {
    let source = root().join("tests/ext/c/single_phase.c");
    for (bits, settled) in SETTLED {
        let folder = scratch(name);
        let flags = [format!("-DSINGLE_PHASE_GIL_BITS={bits}")];
        conformance::extension::build(&folder, python, &flags, CPP11, &source, "single_phase")?;
        is_settled(python, &folder, "single_phase", *settled)
            .map_err(|error| format!("{bits}: {error}"))?;
    }
    Ok(())
}

/// The first version in which slots lead to arrays of slots.
const FIRST_NESTED: u32 = 15;

fn nested_slots_are_found(python: &Python, name: &str) -> Result<(), String> {
    let source = root().join("tests/ext/c/nested.c");
    for hook in ["-DNESTED_EXPORTED", "-DNESTED_DEFINED"] {
        for (bits, settled) in SETTLED {
            let folder = scratch(name);
            let flags = [hook.to_owned(), format!("-DNESTED_GIL_BITS={bits}")];
            conformance::extension::build(&folder, python, &flags, C99, &source, "nested")?;
            is_settled(python, &folder, "nested", *settled)
                .map_err(|error| format!("{hook}, {bits}: {error}"))?;
            if !matches!(settled, Settled::Refused) {
                let code =
                    "import nested; assert (nested.executed, nested.__doc__) == (1, 'Nested.')";
                succeed(&mut python_in(python, &folder, code))?;
            }
        }
    }
    Ok(())
}

/// The definition and the table are made once and found again by every later interpreter, also by
/// two that start at the same time.
fn every_interpreter_can_import(python: &Python, name: &str) -> Result<(), String> {
    let folder = scratch(name);
    build_demo(&folder, python, &full(python), C99, &[])?;
    let source = root().join("tests/ext/c/interpreters.c");
    conformance::extension::build(&folder, python, &[], C99, &source, "interpreters")?;
    let code = "
import threading, interpreters
work = 'import sys; sys.path.insert(0, \".\"); import demo; assert demo.status() >= 1; demo.count([], 9)'
def run():
    for _ in range(3):
        assert interpreters.run(work) == 0
threads = [threading.Thread(target=run) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
import demo
first = demo.providers()
assert interpreters.run(work) == 0
assert demo.providers() == first
print('done')
";
    let output = succeed(&mut python_in(python, &folder, code))?;
    if output.ends_with("done\n") {
        Ok(())
    } else {
        Err(output)
    }
}

fn two_threads_can_import(python: &Python, name: &str) -> Result<(), String> {
    let folder = scratch(name);
    build_demo(&folder, python, &full(python), C99, &[])?;
    let code = "
import threading
barrier = threading.Barrier(2)
seen = []
def work():
    barrier.wait()
    import demo
    seen.append(demo.status())
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert len(seen) == 2 and seen[0] == seen[1] >= 1, seen
";
    succeed(&mut python_in(python, &folder, code)).map(drop)
}

/// An extension that says it was compiled for the other build is refused before anything of
/// CPython's is touched. (A real one: `tests/mismatch.rs` loads abi3 into free-threaded builds.)
fn another_build_is_refused_with_a_reason(python: &Python, name: &str) -> Result<(), String> {
    let folder = scratch(name);
    let source = root().join("tests/ext/c/wrong_build.c");
    conformance::extension::build(&folder, python, &[], C99, &source, "wrong_build")?;
    let code = "
import wrong_build
for problem in wrong_build.problems():
    print(problem)
print('sizes not kept to:', wrong_build.report_sizes())
";
    let found = succeed(&mut python_in(python, &folder, code))?;
    let other = if python.free_threaded {
        "GIL-enabled"
    } else {
        "free-threaded"
    };
    let here = if python.free_threaded {
        "free-threaded"
    } else {
        "GIL-enabled"
    };
    let version = python.label.feature();
    let minor = python.version.minor();
    let wanted = [
        format!("compiled for {other} CPython and is loaded by a {here} one"),
        format!(
            "compiled for CPython 3.{} and is loaded by {version}",
            minor + 1
        ),
        "pyshim_critical_section has 16 bytes in the headers and 24 in the C core".to_owned(),
        "pyshim_critical_section2 has 24 bytes in the headers and 32 in the C core".to_owned(),
        "pointers have 4 bytes in the headers and 8 in the C core".to_owned(),
        "the headers have table deadbeef and the C core has table".to_owned(),
        "pyshim_build has 8 bytes in the headers".to_owned(),
        "pyshim_table has ".to_owned(),
        "sizes not kept to: []".to_owned(),
    ];
    for part in wanted {
        if !found.contains(&part) {
            return Err(format!("no {part:?} in:\n{found}"));
        }
    }
    Ok(())
}
