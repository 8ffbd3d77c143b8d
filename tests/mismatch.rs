//! Extensions that are loaded by a CPython they were not compiled for: an ImportError that names
//! both, where there would be a crash.

use std::process::{Command, ExitCode};

use conformance::compile::{C99, object};
use conformance::extension::build_demo;
use conformance::mode::{Mode, modes};
use conformance::place::{root, scratch};
use conformance::run::{run, succeed};
use conformance::trials;
use libtest_mimic::Trial;
use pythons::Python;

fn main() -> ExitCode {
    trials::on_interpreters(all)
}

fn all(pythons: &[Python]) -> Vec<Trial> {
    let mut trials = Vec::new();
    for loaded in pythons {
        let pairs = pairs(pythons, loaded);
        if !pairs.is_empty() {
            trials.push(trials::trial(loaded, "refuses", move |loaded, name| {
                each_is_refused_clearly(&pairs, loaded, name)
            }));
        }
        trials.push(trials::trial(loaded, "needs", |python, _| {
            a_family_without_provider_is_refused_to_who_needs_it(python)
        }));
    }
    trials
}

/// A module that an interpreter must not take.
struct Pair {
    compiled: Python,
    mode: Mode,
    /// What pyshim says then.
    expected: String,
}

fn pairs(pythons: &[Python], loaded: &Python) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for compiled in pythons {
        for mode in modes(compiled) {
            if let Some(expected) = refusal(compiled, &mode, loaded) {
                let compiled = compiled.clone();
                pairs.push(Pair {
                    compiled,
                    mode,
                    expected,
                });
            }
        }
    }
    pairs
}

fn build_name(python: &Python) -> &'static str {
    if python.free_threaded {
        "free-threaded"
    } else {
        "GIL-enabled"
    }
}

/// The tag of an interpreter, as wheels have it.
fn tag(python: &Python) -> String {
    let t = if python.free_threaded { "t" } else { "" };
    format!("cp3{}{t}", python.version.minor())
}

/// The tags of what is compiled.
fn tags(python: &Python, mode: &Mode) -> String {
    match mode.abi3 {
        Some(minor) => format!("cp3{minor}-abi3"),
        None => tag(python),
    }
}

/// What the import must say; `None` for pairs that load, or of which nothing is promised.
fn refusal(compiled: &Python, mode: &Mode, loaded: &Python) -> Option<String> {
    let full = mode.name == "full";
    if mode.is_oldest_limited() && loaded.free_threaded && !compiled.free_threaded {
        let (from, to) = (build_name(compiled), build_name(loaded));
        return Some(format!(
            "compiled for {from} CPython and is loaded by a {to} one"
        ));
    }
    let older = loaded.version.minor() + 1 == compiled.version.minor();
    if mode.abi3 == Some(compiled.version.minor()) && older && !loaded.free_threaded {
        let (from, to) = (compiled.label.feature(), loaded.label.feature());
        return Some(format!(
            "compiled for CPython {from} or later and is loaded by {to}"
        ));
    }
    let neighbours = compiled.version.minor().abs_diff(loaded.version.minor()) == 1;
    if full && neighbours && compiled.free_threaded == loaded.free_threaded {
        let (from, to) = (compiled.label.feature(), loaded.label.feature());
        return Some(format!("compiled for CPython {from} and is loaded by {to}"));
    }
    None
}

/// Who refused a module.
#[derive(PartialEq, Eq)]
enum Refused {
    /// The C core, by an ImportError that names what was compiled and what runs.
    ByPyshim,
    /// The dynamic loader, before any code of the module ran.
    ByLoader,
}

/// If the loader refused all that an interpreter is given, nothing would be known of pyshim there.
fn each_is_refused_clearly(pairs: &[Pair], loaded: &Python, name: &str) -> Result<(), String> {
    let (mut by_pyshim, mut wrong) = (0, Vec::new());
    for pair in pairs {
        match refused(pair, loaded, name) {
            Ok(Refused::ByPyshim) => by_pyshim += 1,
            Ok(Refused::ByLoader) => {}
            Err(complaint) => wrong.push(complaint),
        }
    }
    if !wrong.is_empty() {
        return Err(wrong.join("\n"));
    }
    match by_pyshim {
        0 => Err("the loader refused every module, and pyshim none".to_owned()),
        _ => Ok(()),
    }
}

fn refused(pair: &Pair, loaded: &Python, name: &str) -> Result<Refused, String> {
    let Pair {
        compiled,
        mode,
        expected,
    } = pair;
    let folder = scratch(&format!(
        "mismatch::{name}::{}::{}",
        compiled.label, mode.name
    ));
    build_demo(&folder, compiled, mode, C99, &[])?;
    let mut command = Command::new(&loaded.executable);
    command.current_dir(&folder).args(["-c", "import demo"]);
    let outcome = run(&mut command)?;
    let names = format!(
        "demo.so is {}, and the interpreter is {}",
        tags(compiled, mode),
        tag(loaded)
    );
    let stderr = &outcome.stderr;
    let is_error = !outcome.success && stderr.contains("ImportError: ");
    if is_error && stderr.contains(expected) && stderr.contains(&names) {
        Ok(Refused::ByPyshim)
    } else if is_error && !mode.is_oldest_limited() && lacks_a_name_of_cpython(stderr) {
        Ok(Refused::ByLoader)
    } else {
        Err(format!(
            "of {}, {}: {}, expected {expected:?} and {names:?}:\n{stderr}",
            compiled.label, mode.name, outcome.status
        ))
    }
}

/// Each family by itself: missed by a module that needs it, and by no other.
fn a_family_without_provider_is_refused_to_who_needs_it(python: &Python) -> Result<(), String> {
    let folder = scratch(&format!("mismatch::{}::needs", python.label));
    let (object_file, module) = (folder.join("needs.o"), folder.join("needs.so"));
    let source = root().join("tests/ext/c/needs.c");
    let flags = ["-Wno-pedantic".to_owned()];
    object(C99, Some(python), &flags, &source, &object_file)?;
    let mut link = Command::new(C99.program);
    link.args(["-shared", "-pthread"]).arg(&object_file);
    succeed(link.arg("-o").arg(&module))?;
    let code = "
from needs import atomic_ref, missing, sections, try_incref, without
from needs import slot_of_atomic_ref, slot_of_sections, slot_of_try_incref
slots = {
    'pyshim_critical_section_begin': (sections, slot_of_sections),
    'pyshim_try_incref': (try_incref, slot_of_try_incref),
    'pyshim_atomic_ref_load': (atomic_ref, slot_of_atomic_ref),
}
for name, (bit, slot) in slots.items():
    for needs in range(8):
        wanted = (missing, name) if needs & bit else (0, None)
        assert without(needs, slot) == wanted, (name, needs, without(needs, slot))
assert without(7, -1) == (0, None)
";
    let mut command = Command::new(&python.executable);
    command.current_dir(&folder).args(["-c", code]);
    succeed(&mut command).map(drop)
}

/// A module may need a symbol of its version that another lacks; then the loader says so before any
/// code of the module runs. That is clear as well, and not ours. What the oldest limited API has is
/// everywhere, and what is not CPython's would be our mistake.
fn lacks_a_name_of_cpython(stderr: &str) -> bool {
    let name = stderr.split("undefined symbol: ").nth(1);
    name.is_some_and(|name| name.starts_with("Py") || name.starts_with("_Py"))
}
