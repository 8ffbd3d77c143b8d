//! Each reproducer of `docs/upstream.md` still shows its fault to the real headers and interpreters.
//! One that fails here was mended upstream, or was never there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use conformance::place::{root, scratch};
use conformance::run::{run, succeed};
use libtest_mimic::{Failed, Trial};
use pyshim_gen::read_observed;
use pyshim_gen::upstream::{Fault, Name, Shows, Usage, faults, hex};
use pythons::Python;

fn main() -> ExitCode {
    conformance::trials::run(trials())
}

fn trials() -> Result<Vec<Trial>, String> {
    let pythons = conformance::interpreters().map_err(|error| error.to_string())?;
    let observed =
        read_observed(&root().join("abi/observed")).map_err(|error| error.to_string())?;
    let mut trials = Vec::new();
    for fault in faults(&observed) {
        // Headers of CPythons that are not required are on some machines only.
        let Some(headers) = find(&pythons, &fault.headers) else {
            println!("{}: there is no CPython {}", fault.id, fault.headers);
            continue;
        };
        for limited in modes(&fault) {
            let runs = limited.as_ref().unwrap_or(&fault.headers);
            let runs = find(&pythons, runs).cloned();
            let (fault, headers, mode) = (fault.clone(), headers.clone(), limited.clone());
            let name = format!("{}::{}", fault.id, limited.as_deref().unwrap_or("full"));
            trials.push(Trial::test(name, move || {
                shows(&fault, &headers, mode.as_deref(), runs.as_ref()).map_err(Failed::from)
            }));
        }
    }
    Ok(trials)
}

fn find<'a>(pythons: &'a [Python], label: &str) -> Option<&'a Python> {
    pythons
        .iter()
        .find(|python| python.label.to_string() == label)
}

/// Every limited API that some name is wrongly in, or the one way to compile it.
fn modes(fault: &Fault) -> BTreeSet<Option<String>> {
    let ranges = fault
        .names
        .iter()
        .filter_map(|name| name.wrongly_in.as_ref());
    let ends: BTreeSet<_> = ranges
        .flat_map(|(first, last)| [Some(first.clone()), Some(last.clone())])
        .collect();
    match ends.is_empty() {
        true => BTreeSet::from([fault.limited.clone()]),
        false => ends,
    }
}

/// Whether a name is wrong in a mode.
fn concerns(name: &Name, limited: Option<&str>) -> bool {
    match (&name.wrongly_in, limited) {
        (Some((first, last)), Some(limited)) => (hex(first)..=hex(last)).contains(&hex(limited)),
        _ => true,
    }
}

fn shows(
    fault: &Fault,
    headers: &Python,
    limited: Option<&str>,
    runs: Option<&Python>,
) -> Result<(), String> {
    let folder = scratch(&format!(
        "upstream::{}::{}",
        fault.id,
        limited.unwrap_or("full")
    ));
    let source = root().join(fault.path());
    let mut cc = Command::new("cc");
    cc.args(
        headers
            .include_dirs
            .iter()
            .flat_map(|dir| [Path::new("-I"), dir]),
    );
    cc.args(limited.map(|limited| format!("-DPy_LIMITED_API={}", hex(limited))));
    match fault.shows {
        Shows::Compiles => succeed(cc.arg("-fsyntax-only").arg(source)).map(drop),
        Shows::Refused => {
            let outcome = run(cc
                .args(["-fsyntax-only", "-fno-diagnostics-show-caret"])
                .arg(source))?;
            let unsaid = fault.names.iter().find(|name| {
                let said = format!("storage size of 'instance_of_{}'", name.name);
                let stderr = outcome.stderr.replace(['‘', '’'], "'");
                !stderr.contains(&said)
            });
            unsaid.map_or(Ok(()), |name| {
                Err(format!(
                    "{} can be allocated:\n{}",
                    name.name, outcome.stderr
                ))
            })
        }
        Shows::Unloadable => {
            let library = folder.join("fault.so");
            succeed(
                cc.args(["-shared", "-fPIC", "-o"])
                    .arg(&library)
                    .arg(source),
            )?;
            needs(fault, limited, &library)?;
            runs.map_or(Ok(()), |python| cannot_import(python, &library))
        }
    }
}

/// Each name is left for the interpreter to have.
fn needs(fault: &Fault, limited: Option<&str>, library: &PathBuf) -> Result<(), String> {
    let listed = succeed(
        Command::new("nm")
            .args(["-D", "--undefined-only"])
            .arg(library),
    )?;
    let listed: BTreeSet<&str> = listed
        .lines()
        .filter_map(|line| line.split_whitespace().next_back())
        .collect();
    let concerned = fault.names.iter().filter(|name| concerns(name, limited));
    let missing = concerned
        .filter(|name| name.usage == Usage::Address && !listed.contains(name.name.as_str()));
    let missing: Vec<&str> = missing.map(|name| name.name.as_str()).collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "these are no longer asked for: {}",
            missing.join(", ")
        )),
    }
}

fn cannot_import(python: &Python, library: &Path) -> Result<(), String> {
    let folder = library.parent().unwrap_or(library);
    let mut command = Command::new(&python.executable);
    let outcome = run(command
        .args(["-c", "import fault"])
        .env("PYTHONPATH", folder))?;
    match outcome.stderr.contains("undefined symbol") {
        true => Ok(()),
        false => Err(format!(
            "CPython {} imports it: {}\n{}",
            python.label, outcome.status, outcome.stderr
        )),
    }
}
