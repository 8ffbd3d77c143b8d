//! What including `pyshim.h` after `Python.h` adds to a compile.

use super::child::Program;
use super::row::{Figure, Row};
use super::statistics::{median, quartiles};
use super::{Context, child, root};
use crate::failure::Failure;
use pythons::Python;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

/// A compile may take this many times as long.
const LIMIT: f64 = 1.05;
const ROUNDS: usize = 60;

pub(crate) fn measure(context: &Context) -> Result<Vec<Row>, Failure> {
    let folder = tempfile::tempdir().map_err(|error| Failure::CouldNot(error.to_string()))?;
    let with = folder.path().join("with.c");
    let without = folder.path().join("without.c");
    write(&with, "#include <Python.h>\n#include \"pyshim.h\"\n")?;
    write(&without, "#include <Python.h>\n")?;
    let mut rows = Vec::new();
    for python in &context.pythons {
        let programs = [&with, &without].map(|source| program(python, source));
        let taken = child::turns(python, context.pace.rounds(ROUNDS), &programs)?;
        let [with, without] = taken.as_slice() else {
            return Err(Failure::CouldNot("child.py lost a program".to_owned()));
        };
        rows.push(row(python, &with.cpu, &without.cpu));
    }
    Ok(rows)
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text)
        .map_err(|error| Failure::CouldNot(format!("cannot write `{}`: {error}", path.display())))
}

fn program(python: &Python, source: &Path) -> Program {
    let mut command: Vec<OsString> = vec!["gcc".into(), "-I".into(), root().join("include").into()];
    for include in &python.include_dirs {
        command.extend(["-isystem".into(), include.into()]);
    }
    command.extend(["-O2", "-c", "-o", "/dev/null"].map(OsString::from));
    command.push(source.into());
    Program::new(command)
}

/// By processor time, and by the ratios of neighbours: what else runs on the machine makes it slower
/// for seconds at a time, which is longer than a pair takes.
fn row(python: &Python, with: &[f64], without: &[f64]) -> Row {
    let ratios: Vec<f64> = with.iter().zip(without).map(|(a, b)| a / b).collect();
    Row {
        what: "including pyshim.h, gcc -O2 -c".to_owned(),
        on: python.label.to_string(),
        sides: Some([Figure::Time(median(with)), Figure::Time(median(without))]),
        found: Figure::Ratio(median(&ratios)),
        spread: quartiles(&ratios).map(Figure::Ratio),
        limit: Some(Figure::Ratio(LIMIT)),
    }
}
