//! Facts of the manifest that no compiler asserts when the layouts are compiled: what is *not*
//! declared or complete, which symbols are exported, and that sources say where they claim to.

use std::collections::BTreeMap;
use std::process::{Command, ExitCode};

use conformance::compile::{C99, compiler};
use conformance::mode::{Mode, modes};
use conformance::place::{root, scratch};
use conformance::run::{run, succeed};
use libtest_mimic::{Failed, Trial};
use pyshim_gen::model::python::runtime;
use pyshim_gen::model::version::Version;
use pyshim_gen::model::when::{Api, Build, Cell, When};
use pyshim_gen::model::{Entry, Kind, Model};
use pythons::Python;

fn main() -> ExitCode {
    conformance::trials::run(trials())
}

fn trials() -> Result<Vec<Trial>, String> {
    let reading = pyshim_gen::read(&root().join("abi")).map_err(|error| error.to_string())?;
    let model: &'static Model = Box::leak(Box::new(reading.model.ok_or("no manifest")?));
    let mut trials = Vec::new();
    for python in conformance::interpreters().map_err(|error| error.to_string())? {
        let label = python.label;
        let here = python.clone();
        trials.push(Trial::test(format!("{label}::exported"), move || {
            exported(model, &here).map_err(Failed::from)
        }));
        let here = python.clone();
        trials.push(Trial::test(format!("{label}::sources"), move || {
            sources(model, &here).map_err(Failed::from)
        }));
        for mode in modes(&python) {
            let here = python.clone();
            trials.push(Trial::test(
                format!("{label}::{}::absent", mode.name),
                move || absent(model, &here, &mode).map_err(Failed::from),
            ));
        }
    }
    Ok(trials)
}

fn version(python: &Python) -> Version {
    Version {
        major: 3,
        minor: u8::try_from(python.version.minor()).unwrap_or(u8::MAX),
    }
}

fn running(python: &Python) -> Cell {
    let build = if python.free_threaded {
        Build::Ft
    } else {
        Build::Gil
    };
    runtime(version(python), build)
}

/// A mode as a point at which conditions are evaluated.
fn cell(python: &Python, mode: &Mode) -> Result<Cell, String> {
    let plain = running(python);
    let Some((api, limited)) = mode.name.split_once('-') else {
        return Ok(plain);
    };
    let limited = Version::parse(limited).ok_or_else(|| format!("`{}`", mode.name))?;
    Ok(match api {
        "abi3" => Cell {
            api: Api::Abi3,
            limited: Some(limited),
            ..plain
        },
        _ => Cell {
            api: Api::Abi3t,
            limited: Some(limited),
            build: Build::Ft,
            ..plain
        },
    })
}

/// Each symbol is found in the running process, or not, as the manifest says.
fn exported(model: &Model, python: &Python) -> Result<(), String> {
    let names: Vec<&str> = model
        .symbols()
        .map(|(entry, _)| entry.name.as_str())
        .collect();
    let code = "
import ctypes, sys
for name in sys.argv[1:]:
    print(name, hasattr(ctypes.pythonapi, name))
";
    let mut command = Command::new(&python.executable);
    let output = succeed(command.args(["-c", code]).args(&names))?;
    let found: BTreeMap<&str, bool> = output
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, there)| (name, there == "True"))
        .collect();
    let at = running(python);
    for (entry, symbol) in model.symbols() {
        let wanted = symbol.exported.holds(&at);
        if found.get(entry.name.as_str()) != Some(&wanted) {
            return Err(format!(
                "`{}` is exported: {}, and the manifest says {wanted}",
                entry.name, !wanted
            ));
        }
        if symbol.stable.is_some_and(|since| version(python) >= since) && !wanted {
            return Err(format!("`{}` is stable and not exported", entry.name));
        }
    }
    Ok(())
}

/// What is not declared cannot be named, and of what is not complete there is no size. One file
/// names all of it, and every line of it must be an error.
fn absent(model: &Model, python: &Python, mode: &Mode) -> Result<(), String> {
    let at = cell(python, mode)?;
    let mut text = "#include \"pyshim.h\"\n".to_owned();
    // A macro of that name is no declaration.
    for (entry, _) in model.symbols() {
        text.push_str(&format!("#undef {}\n", entry.name));
    }
    let first = text.lines().count() + 1;
    for (_, entry) in model.entries() {
        text.extend(probes(entry, &at));
    }
    let count = text.lines().count() + 1 - first;
    let source = scratch(&format!("facts::{}::{}", python.label, mode.name)).join("absent.c");
    std::fs::write(&source, &text).map_err(|error| error.to_string())?;
    let mut command = compiler(C99, Some(python));
    let outcome = run(command
        .args(&mode.flags)
        .args(["-fmax-errors=0", "-fsyntax-only"])
        .arg(&source))?;
    for line in first..first + count {
        if !outcome.stderr.contains(&format!("absent.c:{line}:")) {
            let probe = text.lines().nth(line - 1).unwrap_or_default();
            return Err(format!(
                "this compiles, and the manifest says it does not: {probe}"
            ));
        }
    }
    Ok(())
}

/// A line that compiles only where the headers have more than the manifest says.
fn probes(entry: &Entry, at: &Cell) -> Vec<String> {
    let name = &entry.name;
    let lacks = |when: &When| !when.holds(at);
    match &entry.kind {
        Kind::Upstream(body) if lacks(&body.declared) => {
            vec![format!("extern {name} *declared_{name};\n")]
        }
        Kind::Upstream(body) if lacks(&body.complete) => {
            vec![format!("enum {{ complete_{name} = sizeof({name}) }};\n")]
        }
        Kind::Symbol(body) if lacks(&body.declared) => {
            vec![format!("enum {{ declared_{name} = sizeof(&{name}) }};\n")]
        }
        Kind::Slot(body) if lacks(&body.declared) => {
            vec![format!("enum {{ declared_{name} = {name} }};\n")]
        }
        _ => Vec::new(),
    }
}

/// Every header that a source names for this version is there and holds the name.
fn sources(model: &Model, python: &Python) -> Result<(), String> {
    let here = version(python).to_string();
    for (_, entry) in model.entries() {
        let Some(source) = &entry.source else {
            continue;
        };
        for (header, versions) in headers(source) {
            if !versions.is_empty() && !versions.contains(&here) {
                continue;
            }
            let text = python
                .include_dirs
                .iter()
                .find_map(|folder| std::fs::read_to_string(folder.join(&header)).ok())
                .ok_or_else(|| format!("`{}`: {here} has no Include/{header}", entry.name))?;
            if !text.contains(&entry.name) {
                return Err(format!(
                    "`{}` is not in Include/{header} of {here}",
                    entry.name
                ));
            }
        }
    }
    Ok(())
}

/// The headers of a source with the versions that follow `of`; none mean every version.
fn headers(source: &str) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    let mut versions_follow = false;
    for word in source
        .split([' ', ',', ';'])
        .filter(|word| !word.is_empty())
    {
        if let Some(header) = word.strip_prefix("Include/") {
            found.push((header.to_owned(), Vec::new()));
            versions_follow = false;
        } else if word == "of" {
            versions_follow = true;
        } else if versions_follow && Version::parse(word).is_some() {
            found
                .last_mut()
                .into_iter()
                .for_each(|(_, versions)| versions.push(word.to_owned()));
        } else if word != "and" {
            versions_follow = false;
        }
    }
    found
}
