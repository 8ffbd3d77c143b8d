//! What is observed of real interpreters is what they are, and what is not one ends in a clear error.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use conformance::place::{root, scratch};
use libtest_mimic::{Failed, Trial};
use pyshim_gen::diff::diff;
use pyshim_gen::observe::cache::Cache;
use pyshim_gen::observe::names::Names;
use pyshim_gen::observe::process::PATIENCE;
use pyshim_gen::observe::python::ask;
use pyshim_gen::observe::session::{Observation, Options, Session};
use pyshim_gen::observe::subject::Subject;
use pyshim_gen::observe::symbols::exports;
use pyshim_gen::report::Report;
use pyshim_gen::surface::write::write;
use pyshim_gen::surface::{Evidence, Item, Kind};
use pythons::Python;

fn main() -> ExitCode {
    conformance::trials::run(trials())
}

fn trials() -> Result<Vec<Trial>, String> {
    let mut trials = Vec::new();
    for python in conformance::interpreters().map_err(|error| error.to_string())? {
        let label = python.label;
        for oracle in [Evidence::Probe, Evidence::Clang, Evidence::Symbols] {
            let python = python.clone();
            trials.push(Trial::test(
                format!("{label}::verified::{}", oracle.word()),
                move || verified(&python, oracle).map_err(Failed::from),
            ));
        }
        trials.push(Trial::test(format!("{label}::committed"), move || {
            committed(&python).map_err(Failed::from)
        }));
    }
    let all = conformance::interpreters().map_err(|error| error.to_string())?;
    for python in all.into_iter().filter(|one| one.version.minor() == 15) {
        trials.push(Trial::test(
            format!("{}::stable_abi", python.label),
            move || stable_abi(&python).map_err(Failed::from),
        ));
    }
    // One that has everything that can be claimed wrongly.
    let python = conformance::interpreters()
        .map_err(|error| error.to_string())?
        .into_iter()
        .find(|python| python.free_threaded && python.version.minor() == 14)
        .ok_or("there is no 3.14t")?;
    for (name, file, from, to, rule, oracles) in INJECTED {
        for oracle in *oracles {
            let python = python.clone();
            trials.push(Trial::test(
                format!("injected::{name}::{}", oracle.word()),
                move || caught(&python, *oracle, (file, from, to), rule).map_err(Failed::from),
            ));
        }
    }
    let liar = python.clone();
    trials.push(Trial::test("disagree::packing", move || {
        disagree(&liar, "-fpack-struct=1").map_err(Failed::from)
    }));
    for (name, content, wanted) in DAMAGED {
        trials.push(Trial::test(format!("damaged::{name}"), move || {
            damaged(name, content, wanted).map_err(Failed::from)
        }));
    }
    trials.push(Trial::test("damaged::truncated", move || {
        truncated(&python).map_err(Failed::from)
    }));
    Ok(trials)
}

/// A wrong claim: its name, the family's file, the text and what it becomes, the rule that finds
/// it, and the oracles that can know it.
type Injected = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [Evidence],
);

const INJECTED: &[Injected] = &[
    (
        "offset",
        "critical_section.yaml",
        "            - { name: _cs_prev, type: uintptr }\n            - { name: _cs_mutex, type: ptr<PyMutex> }",
        "            - { name: _cs_mutex, type: ptr<PyMutex> }\n            - { name: _cs_prev, type: uintptr }",
        "V004",
        &[Evidence::Probe, Evidence::Clang],
    ),
    (
        "value",
        "module_gil.yaml",
        "id: 4",
        "id: 5",
        "V005",
        &[Evidence::Probe, Evidence::Clang],
    ),
    (
        "symbol",
        "critical_section.yaml",
        "exported: [{ since: \"3.13\" }]",
        "exported: [{ since: \"3.15\" }]",
        "V006",
        &[Evidence::Symbols],
    ),
];

/// What is no library, and what has to be said of it.
const DAMAGED: &[(&str, &[u8], &str)] = &[
    (
        "text",
        b"this is a text\n",
        "it starts with \"this is a text",
    ),
    ("empty", b"", "it is empty"),
    (
        "magic",
        b"\x7fELF",
        "is not a whole executable or shared object",
    ),
    (
        "fat",
        b"\xca\xfe\xba\xbe\xff\xff\xff\xff",
        "is not a whole executable or shared object",
    ),
];

/// What is wrong with a manifest, as one oracle alone sees it.
fn verify(python: &Python, manifest: &Path, oracle: Evidence) -> Result<Report, String> {
    let reading = pyshim_gen::read(manifest).map_err(|error| error.to_string())?;
    let model = reading.model.ok_or("the manifest is not understood")?;
    let session = Session::new(Options {
        oracles: BTreeSet::from([oracle]),
        compiler: "cc".to_owned(),
        cache: Cache::none(),
        everything: false,
        patience: PATIENCE,
        apart: None,
    });
    let interpreter = ask(&python.executable, PATIENCE).map_err(|failure| failure.to_string())?;
    let subject = Subject::of_python(&interpreter);
    let seen = session
        .prepare(&subject)
        .and_then(|prepared| session.observe(&prepared, &Names::of_model(&model)))
        .map_err(|failure| failure.to_string())?;
    if let Some(disagreement) = seen.disagreements.first() {
        return Err(disagreement.to_string());
    }
    let mut report = Report::default();
    let which = (interpreter.version, interpreter.build);
    pyshim_gen::verify::verify(&model, &reading.sources, which, &seen.surface, &mut report);
    Ok(report)
}

fn verified(python: &Python, oracle: Evidence) -> Result<(), String> {
    let report = verify(python, &root().join("abi"), oracle)?;
    match report.findings.first() {
        Some(finding) => Err(format!("{}: {}", finding.item, finding.message)),
        None if report.compared == 0 => Err("nothing was compared".to_owned()),
        None => Ok(()),
    }
}

/// What was seen when a manifest's names, or everything, was looked for by all oracles.
fn look(python: &Python, compiler: &str, everything: bool) -> Result<Observation, String> {
    let reading = pyshim_gen::read(&root().join("abi")).map_err(|error| error.to_string())?;
    let model = reading.model.ok_or("the manifest is not understood")?;
    let session = Session::new(Options {
        oracles: BTreeSet::new(),
        compiler: compiler.to_owned(),
        cache: Cache::none(),
        everything,
        patience: PATIENCE,
        apart: None,
    });
    let interpreter = ask(&python.executable, PATIENCE).map_err(|failure| failure.to_string())?;
    let subject = Subject::of_python(&interpreter);
    let seen = session.prepare(&subject).and_then(|prepared| {
        let mut names = Names::of_interest(&model);
        names.merge(prepared.names.clone());
        session.observe(&prepared, &names)
    });
    seen.map_err(|failure| failure.to_string())
}

/// What is seen differs from itself in nothing, and the snapshot in the repository says it too, of
/// whatever micro release.
fn committed(python: &Python) -> Result<(), String> {
    let seen = look(python, "cc", false)?;
    if let Some(disagreement) = seen.disagreements.first() {
        return Err(disagreement.to_string());
    }
    let itself = diff(&seen.surface, &seen.surface);
    if itself.compared == 0 || !itself.findings.is_empty() || !itself.gaps.is_empty() {
        return Err(format!("it differs from itself: {itself:?}"));
    }
    let interpreter = ask(&python.executable, PATIENCE).map_err(|failure| failure.to_string())?;
    let path = root().join("abi/observed");
    let path = path.join(Subject::of_python(&interpreter).file);
    let kept = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let facts = |text: &str| -> BTreeSet<String> {
        let lines = text.lines().filter(|line| !line.starts_with("about "));
        lines.map(str::to_owned).collect()
    };
    let (kept, seen) = (facts(&kept), facts(&write(&seen.surface)));
    match kept.symmetric_difference(&seen).next() {
        None if seen.len() > 10 => Ok(()),
        None => Err(format!("only {} lines were seen", seen.len())),
        Some(line) => Err(format!(
            "{}: only one of both has `{line}`; run `pyshim observe --all --out abi/observed`",
            path.display()
        )),
    }
}

/// Oracles agree on all that a CPython declares and exports, and that is at least what its stable ABI
/// is known to have.
fn stable_abi(python: &Python) -> Result<(), String> {
    let seen = look(python, "cc", true)?;
    if let Some(disagreement) = seen.disagreements.first() {
        return Err(disagreement.to_string());
    }
    let limited = |item: &&Item| item.declared.keys().any(|place| place.as_str() != "full");
    let items = || seen.surface.items.values().filter(limited);
    let exported = items().filter(|item| item.exported.as_ref().is_some_and(|by| !by.is_empty()));
    let structs = items().filter(|item| matches!(item.kind, Kind::Record(_)));
    let (exported, structs) = (exported.count(), structs.count());
    if exported < 900 || structs < 30 {
        return Err(format!(
            "the limited API has {exported} exported names and {structs} structs"
        ));
    }
    let itself = diff(&seen.surface, &seen.surface);
    if itself.findings.is_empty() {
        Ok(())
    } else {
        Err(format!("it differs from itself: {:?}", itself.findings))
    }
}

/// A compiler that sees something else is not believed, and neither is libclang.
fn disagree(python: &Python, option: &str) -> Result<(), String> {
    let seen = look(python, &format!("cc {option}"), false)?;
    let oracles = [Evidence::Clang, Evidence::Probe];
    let found = seen
        .disagreements
        .iter()
        .any(|one| one.said.each_ref().map(|(oracle, _)| *oracle) == oracles);
    if found {
        return Ok(());
    }
    Err(format!("{option}: {:?}", seen.disagreements))
}

fn caught(
    python: &Python,
    oracle: Evidence,
    (file, from, to): (&str, &str, &str),
    rule: &str,
) -> Result<(), String> {
    let manifest = scratch(&format!("observe::{rule}::{}", oracle.word())).join("abi");
    copy(&root().join("abi"), &manifest)?;
    let path = manifest.join("entries").join(file);
    let text = fs::read_to_string(&path).map_err(|error| error.to_string())?;
    if !text.contains(from) {
        return Err(format!("`{from}` is not in {file}"));
    }
    fs::write(&path, text.replacen(from, to, 1)).map_err(|error| error.to_string())?;
    let report = verify(python, &manifest, oracle)?;
    let found = report
        .findings
        .iter()
        .find(|finding| finding.rule.id == rule);
    let place = found.and_then(|finding| finding.place.as_ref());
    match place {
        Some(place) if place.file.ends_with(file) && place.line > 1 => Ok(()),
        _ => Err(format!("{rule} is not among {:?}", report.findings)),
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    fs::create_dir_all(to).map_err(|error| error.to_string())?;
    for entry in fs::read_dir(from)
        .map_err(|error| error.to_string())?
        .flatten()
    {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target)?;
        } else {
            fs::copy(&path, &target).map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}

fn damaged(name: &str, content: &[u8], wanted: &str) -> Result<(), String> {
    let file = scratch(&format!("observe::{name}")).join("libdamaged.so");
    fs::write(&file, content).map_err(|error| error.to_string())?;
    refused(&file, wanted)
}

fn refused(file: &Path, wanted: &str) -> Result<(), String> {
    match exports(file) {
        Ok(exports) => Err(format!("it exports {} names", exports.names.len())),
        Err(failure) if failure.message.contains(wanted) => Ok(()),
        Err(failure) => Err(format!("`{wanted}` is not in\n{failure}")),
    }
}

/// Wherever a library ends too early, it is refused, and nothing panics.
fn truncated(python: &Python) -> Result<(), String> {
    let whole = fs::read(&python.executable).map_err(|error| error.to_string())?;
    let file = scratch("observe::truncated").join("libcut.so");
    for end in [17, 63, 64, 65, 400, 4096, whole.len() / 4] {
        fs::write(&file, &whole[..end]).map_err(|error| error.to_string())?;
        refused(&file, "is not a whole executable or shared object")?;
    }
    Ok(())
}
