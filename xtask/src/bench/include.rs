//! What including `pyshim.h` after `Python.h` adds to a compile.

use super::row::{Figure, Row};
use super::statistics::quartiles;
use super::{Context, child, root};
use crate::failure::Failure;
use pythons::Python;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

/// A compile may take this many times as long.
const LIMIT: f64 = 1.05;
const ROUNDS: usize = 30;

/// The kinds of compile: as a build does it, and as an editor does.
const KINDS: &[(&str, &[&str], Option<f64>)] = &[
    (
        "including pyshim.h, gcc -O2 -c",
        &["-O2", "-c", "-o", "/dev/null"],
        Some(LIMIT),
    ),
    (
        "including pyshim.h, gcc -fsyntax-only",
        &["-fsyntax-only"],
        None,
    ),
];

pub(crate) fn measure(context: &Context) -> Result<Vec<Row>, Failure> {
    let folder = tempfile::tempdir().map_err(|error| Failure::CouldNot(error.to_string()))?;
    let with = folder.path().join("with.c");
    let without = folder.path().join("without.c");
    write(&with, "#include <Python.h>\n#include \"pyshim.h\"\n")?;
    write(&without, "#include <Python.h>\n")?;
    let mut rows = Vec::new();
    for (what, flags, limit) in KINDS {
        for python in &context.pythons {
            let commands = [&with, &without].map(|source| command(python, flags, source));
            let taken = child::turns(python, context.pace.rounds(ROUNDS), &commands)?;
            let [with, without] = taken.as_slice() else {
                return Err(Failure::CouldNot("child.py lost a command".to_owned()));
            };
            rows.push(row(what, python, &with.cpu, &without.cpu, *limit));
        }
    }
    Ok(rows)
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text)
        .map_err(|error| Failure::CouldNot(format!("cannot write `{}`: {error}", path.display())))
}

fn command(python: &Python, flags: &[&str], source: &Path) -> Vec<OsString> {
    let mut command: Vec<OsString> = vec!["gcc".into(), "-I".into(), root().join("include").into()];
    for include in &python.include_dirs {
        command.extend(["-isystem".into(), include.into()]);
    }
    command.extend(flags.iter().map(OsString::from));
    command.push(source.into());
    command
}

/// By processor time, and by what a quarter of the runs stay below: what else runs on the machine
/// makes a compile wait, and slower, and never faster.
fn row(what: &str, python: &Python, with: &[f64], without: &[f64], limit: Option<f64>) -> Row {
    let ratios: Vec<f64> = with.iter().zip(without).map(|(a, b)| a / b).collect();
    let ([with, _], [without, _]) = (quartiles(with), quartiles(without));
    Row {
        what: what.to_owned(),
        on: python.label.to_string(),
        sides: Some([Figure::Time(with), Figure::Time(without)]),
        found: Figure::Ratio(with / without),
        spread: quartiles(&ratios).map(Figure::Ratio),
        limit: limit.map(Figure::Ratio),
    }
}
