//! Times the table and the atomic reference inside each interpreter.

use super::row::{Figure, Row};
use super::statistics::Comparison;
use super::{Context, Pace, root};
use crate::failure::Failure;
use crate::step;
use pythons::Python;
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// Sections may cost this many times what CPython's exported functions cost.
const SECTION: f64 = 1.15;
/// Try-incref may cost this many times what `PyUnstable_TryIncRef` costs.
const TRY_INCREF: f64 = 1.05;
/// An access of a cell may take this many times as long as under a mutex.
const CELL: f64 = 1.0;

pub(crate) fn sections(context: &Context) -> Result<Vec<Row>, Failure> {
    measure(context, "section")
}

pub(crate) fn try_incref(context: &Context) -> Result<Vec<Row>, Failure> {
    measure(context, "try_incref")
}

pub(crate) fn cell(context: &Context) -> Result<Vec<Row>, Failure> {
    measure(context, "cell")
}

fn measure(context: &Context, part: &str) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    for python in &context.pythons {
        let folder = tempfile::tempdir().map_err(|error| could_not(&error))?;
        build(python, folder.path())?;
        for line in run(python, folder.path(), context.pace, part)?.lines() {
            let value: Value = serde_json::from_str(line).map_err(|error| could_not(&error))?;
            rows.push(row(python, &value)?);
        }
    }
    Ok(rows)
}

fn could_not(error: &dyn std::fmt::Display) -> Failure {
    Failure::CouldNot(error.to_string())
}

/// Compiles each file as an extension's build would, and links them to `bench.so`.
fn build(python: &Python, folder: &Path) -> Result<(), Failure> {
    let root = root();
    let sources = [
        "tests/bench/bench.c",
        "tests/bench/cpython.c",
        "tests/bench/table.c",
    ];
    let more = ["tests/bench/cell.c", "shim/csrc/pyshim.c"];
    let mut command = Command::new("gcc");
    command.args(["-std=gnu11", "-O2", "-fPIC", "-shared", "-pthread", "-o"]);
    command.arg(folder.join("bench.so"));
    command
        .arg("-I")
        .arg(root.join("include"))
        .arg("-I")
        .arg(root.join("shim/csrc"));
    for include in &python.include_dirs {
        command.arg("-isystem").arg(include);
    }
    command.args(sources.iter().chain(&more).map(|source| root.join(source)));
    step::run(&mut command)
}

fn run(python: &Python, folder: &Path, pace: Pace, part: &str) -> Result<String, Failure> {
    let scale = if pace == Pace::Full { "1" } else { "0.1" };
    let mut command = Command::new(&python.executable);
    command
        .env_remove("PYTHON_GIL")
        .arg(root().join("tests/bench/run.py"));
    super::child::output(command.arg(folder).args([scale, part]))
}

fn row(python: &Python, line: &Value) -> Result<Row, Failure> {
    let text = |key: &str| line[key].as_str().unwrap_or_default();
    let numbers = |key: &str| -> Vec<f64> {
        let list = line[key].as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter().filter_map(Value::as_f64).collect()
    };
    let (ours, theirs) = (numbers("ours"), numbers("theirs"));
    let places = line["places"]
        .as_u64()
        .and_then(|places| usize::try_from(places).ok());
    let (Some(places), false) = (places, ours.is_empty() || theirs.is_empty()) else {
        return Err(Failure::CouldNot(format!(
            "the benchmark extension printed {line}"
        )));
    };
    let comparison = Comparison::new(&ours, &theirs, places);
    let nanoseconds = |number: f64| Figure::Time(number * 1e-9);
    Ok(Row {
        what: format!("{}, {}", noun(text("row")), text("case")),
        on: python.label.to_string(),
        sides: Some([
            nanoseconds(comparison.first),
            nanoseconds(comparison.second),
        ]),
        found: Figure::Ratio(comparison.ratio()),
        spread: comparison.spread.map(Figure::Ratio),
        limit: limit(python, text("row"), text("case")).map(Figure::Ratio),
    })
}

fn noun(row: &str) -> &str {
    match row {
        "section" => "section over one object",
        "section2" => "section over two objects",
        "try_incref" => "try-incref",
        "load" => "atomic reference: load",
        "mixed" => "atomic reference: nine loads, one store",
        "store" => "atomic reference: store",
        other => other,
    }
}

fn limit(python: &Python, row: &str, case: &str) -> Option<f64> {
    match (row, case) {
        ("section" | "section2", _) => Some(SECTION),
        // Before 3.14 there is no function to compare with, only what CPython inlines for itself.
        ("try_incref", _) => (python.version.minor() >= 14).then_some(TRY_INCREF),
        ("load" | "mixed" | "store", "two threads") => Some(CELL),
        _ => None,
    }
}
