//! Extensions that are loaded by a CPython they were not compiled for: an ImportError that names
//! both, where there would be a crash.

use std::process::{Command, ExitCode};

use conformance::compile::{C99, object};
use conformance::extension::build_demo;
use conformance::mode::{Mode, modes};
use conformance::place::{root, scratch};
use conformance::run::{run, succeed};
use conformance::trials;
use libtest_mimic::{Failed, Trial};
use pythons::Python;

fn main() -> ExitCode {
    trials::on_interpreters(all)
}

fn all(pythons: &[Python]) -> Vec<Trial> {
    let mut trials = Vec::new();
    for compiled in pythons {
        for mode in modes(compiled) {
            for loaded in pythons {
                if let Some(expected) = refusal(compiled, &mode, loaded) {
                    trials.push(trial(compiled, &mode, loaded, expected));
                }
            }
        }
    }
    for python in pythons {
        trials.push(trials::trial(python, "needs", |python, _| {
            a_family_without_provider_is_refused_to_who_needs_it(python)
        }));
    }
    trials
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
    match mode.name.strip_prefix("abi3-3.") {
        Some(minor) => format!("cp3{minor}-abi3"),
        None => tag(python),
    }
}

/// What the import must say; `None` for pairs that load, or that the dynamic loader may refuse by
/// itself because a symbol of the other build is missing.
fn refusal(compiled: &Python, mode: &Mode, loaded: &Python) -> Option<String> {
    let full = mode.name == "full";
    let oldest_limited = mode.name == "abi3-3.8";
    if oldest_limited && loaded.free_threaded && !compiled.free_threaded {
        let (from, to) = (build_name(compiled), build_name(loaded));
        return Some(format!(
            "compiled for {from} CPython and is loaded by a {to} one"
        ));
    }
    let newest_limited = format!("abi3-3.{}", compiled.version.minor());
    let older = loaded.version.minor() + 1 == compiled.version.minor();
    if mode.name == newest_limited && older && !loaded.free_threaded {
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

fn trial(compiled: &Python, mode: &Mode, loaded: &Python, expected: String) -> Trial {
    let name = format!("{}::{}::in_{}", compiled.label, mode.name, loaded.label);
    let (compiled, mode, loaded) = (compiled.clone(), mode.clone(), loaded.clone());
    Trial::test(name.clone(), move || {
        let folder = scratch(&format!("mismatch::{name}"));
        build_demo(&folder, &compiled, &mode, C99, &[])?;
        let mut command = Command::new(&loaded.executable);
        command.current_dir(&folder).args(["-c", "import demo"]);
        let outcome = run(&mut command)?;
        let names = format!(
            "demo.so is {}, and the interpreter is {}",
            tags(&compiled, &mode),
            tag(&loaded)
        );
        let said = outcome.stderr.contains(&expected) && outcome.stderr.contains(&names);
        let clear =
            outcome.stderr.contains("ImportError: ") && (said || loader_refused(&outcome.stderr));
        if !outcome.success && clear {
            Ok(())
        } else {
            Err(Failed::from(format!(
                "{}, expected {expected:?}:\n{}",
                outcome.status, outcome.stderr
            )))
        }
    })
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

/// A version-specific module may need a symbol that the other version lacks; then the loader says
/// so before any code of the module runs. That is clear as well, and not ours.
fn loader_refused(stderr: &str) -> bool {
    stderr.contains("undefined symbol: ")
}
