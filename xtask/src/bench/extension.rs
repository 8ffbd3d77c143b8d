//! Times the table, the atomic reference and stack references inside each interpreter.

use super::row::{Figure, Row};
use super::statistics::Comparison;
use super::{Context, root};
use crate::failure::{Failure, could_not};
use crate::step;
use pythons::Python;
use serde::Deserialize;
use std::path::Path;
use std::process::Command;

/// Sections may cost this many times what CPython's exported functions cost.
const SECTION: f64 = 1.15;
/// Try-incref may cost this many times what `PyUnstable_TryIncRef` costs.
const TRY_INCREF: f64 = 1.05;
/// Locking and unlocking a mutex may cost this many times what it costs with `PyMutex`.
const MUTEX: f64 = 1.15;
/// An access of a cell may take this many times as long as under a mutex.
const CELL: f64 = 1.0;
/// Stack references without checks are the same instructions as CPython's macros.
const STACK_REF: f64 = 1.05;
/// Passing the memory of a large object may take this part of the time that pickling takes.
const VIEW: f64 = 0.5;
/// Where the loader puts code and objects differs from process to process, and with it the cost of
/// a call by up to half a nanosecond.
const PROCESSES: usize = 10;

/// How the extension is compiled and run.
#[derive(Clone, Copy)]
struct Variant {
    flags: &'static [&'static str],
    /// `PYSHIM_STACK_REF_CHECKS` in the environment.
    checks: &'static str,
}

const PLAIN: Variant = Variant {
    flags: &[],
    checks: "0",
};
const CHECKABLE: &[&str] = &["-DPYSHIM_STACK_REF_CHECKS"];

pub(crate) fn sections(context: &Context) -> Result<Vec<Row>, Failure> {
    measure(context, "section", PLAIN)
}

pub(crate) fn try_incref(context: &Context) -> Result<Vec<Row>, Failure> {
    measure(context, "try_incref", PLAIN)
}

pub(crate) fn mutex(context: &Context) -> Result<Vec<Row>, Failure> {
    measure(context, "mutex", PLAIN)
}

pub(crate) fn view(context: &Context) -> Result<Vec<Row>, Failure> {
    measure(context, "view", PLAIN)
}

pub(crate) fn cell(context: &Context) -> Result<Vec<Row>, Failure> {
    measure(context, "cell", PLAIN)
}

/// Without checks, with checks that the environment does not switch on, and with such that it does.
pub(crate) fn stack_ref(context: &Context) -> Result<Vec<Row>, Failure> {
    let checkable = ["0", "1"].map(|checks| Variant {
        flags: CHECKABLE,
        checks,
    });
    let mut rows = Vec::new();
    for variant in [PLAIN].into_iter().chain(checkable) {
        rows.extend(measure(context, "stack_ref", variant)?);
    }
    Ok(rows)
}

fn measure(context: &Context, part: &str, variant: Variant) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    for python in &context.pythons {
        let folder = tempfile::tempdir().map_err(could_not("make a folder"))?;
        build(python, folder.path(), variant)?;
        let mut lines = run(python, folder.path(), part, variant)?;
        for _ in 1..context.pace.rounds(PROCESSES) {
            let again = run(python, folder.path(), part, variant)?;
            for (all, more) in lines.iter_mut().zip(again) {
                all.add(more)?;
            }
        }
        rows.extend(lines.iter().map(|line| line.row(python)));
    }
    Ok(rows)
}

/// Compiles each file as an extension's build would, and links them to `bench.so`.
fn build(python: &Python, folder: &Path, variant: Variant) -> Result<(), Failure> {
    let root = root();
    let sources = [
        "tests/bench/bench.c",
        "tests/bench/cpython.c",
        "tests/bench/table.c",
    ];
    let more = [
        "tests/bench/cell.c",
        "tests/bench/stack_ref.c",
        "tests/bench/locks.c",
        "tests/bench/views.c",
        "shim/csrc/pyshim.c",
    ];
    let call_once = folder.join("call_once.o");
    let mut command = compiler("g++", "gnu++17", python, variant);
    command
        .arg("-c")
        .arg(root.join("tests/bench/call_once.cpp"));
    step::run(command.arg("-o").arg(&call_once))?;
    let mut command = compiler("gcc", "gnu11", python, variant);
    command
        .arg("-shared")
        .arg("-o")
        .arg(folder.join("bench.so"));
    command.args(sources.iter().chain(&more).map(|source| root.join(source)));
    step::run(command.arg(call_once).arg("-lstdc++"))
}

/// A compiler as an extension's build would call it.
fn compiler(program: &str, standard: &str, python: &Python, variant: Variant) -> Command {
    let mut command = Command::new(program);
    command.arg(format!("-std={standard}"));
    command.args(["-O2", "-fPIC", "-pthread"]);
    command.args(variant.flags);
    for folder in ["include", "shim/csrc"] {
        command.arg("-I").arg(root().join(folder));
    }
    for include in &python.include_dirs {
        command.arg("-isystem").arg(include);
    }
    command
}

fn run(python: &Python, folder: &Path, part: &str, variant: Variant) -> Result<Vec<Line>, Failure> {
    let mut command = Command::new(&python.executable);
    command
        .env_remove("PYTHON_GIL")
        .env("PYSHIM_STACK_REF_CHECKS", variant.checks)
        .arg(root().join("tests/bench/run.py"));
    super::child::output(command.arg(folder).arg(part))?
        .lines()
        .map(|line| serde_json::from_str(line).map_err(could_not("read what run.py prints")))
        .collect()
}

/// What run.py prints of one measurement: nanoseconds, of rounds that went through the places in
/// turn.
#[derive(Deserialize)]
struct Line {
    row: String,
    case: String,
    places: usize,
    ours: Vec<f64>,
    theirs: Vec<f64>,
}

impl Line {
    /// Adds what another process measured, whose code and objects lie elsewhere.
    fn add(&mut self, more: Self) -> Result<(), Failure> {
        if (&self.row, &self.case) != (&more.row, &more.case) {
            return Err(Failure::CouldNot(format!(
                "the benchmark extension printed `{}, {}` where it had printed `{}, {}`",
                more.row, more.case, self.row, self.case
            )));
        }
        self.ours.extend(more.ours);
        self.theirs.extend(more.theirs);
        Ok(())
    }

    fn row(&self, python: &Python) -> Row {
        let comparison = Comparison::new(&self.ours, &self.theirs, self.places);
        let nanoseconds = |number: f64| Figure::Time(number * 1e-9);
        Row {
            what: format!("{}, {}", noun(&self.row), self.case),
            on: python.label.to_string(),
            sides: Some([
                nanoseconds(comparison.first),
                nanoseconds(comparison.second),
            ]),
            found: Figure::Ratio(comparison.ratio()),
            spread: comparison.spread.map(Figure::Ratio),
            limit: limit(python, &self.row, &self.case).map(Figure::Ratio),
        }
    }
}

fn noun(row: &str) -> &str {
    match row {
        "section" => "section over one object",
        "section2" => "section over two objects",
        "try_incref" => "try-incref",
        "mutex" => "mutex, beside PyMutex",
        "mutex_plain" => "mutex, beside pthread's",
        "once" => "once, beside pthread_once",
        "once_std" => "once, beside std::call_once",
        "view_pickling" => "view to another interpreter, beside pickling",
        "view_memoryview" => "view to another interpreter, beside CPython's memoryview",
        "load" => "atomic reference: load",
        "mixed" => "atomic reference: nine loads, one store",
        "store" => "atomic reference: store",
        "stack_ref" => "stack references: two made and closed",
        other => other,
    }
}

fn limit(python: &Python, row: &str, case: &str) -> Option<f64> {
    match (row, case) {
        ("section" | "section2", _) => Some(SECTION),
        // Before 3.14 there is no function to compare with, only what CPython inlines for itself.
        ("try_incref", _) => (python.version.minor() >= 14).then_some(TRY_INCREF),
        ("mutex", "uncontended") => Some(MUTEX),
        ("load" | "mixed" | "store", "two threads") => Some(CELL),
        ("stack_ref", "plain") => Some(STACK_REF),
        ("view_pickling", "1 MB" | "1 GB") => Some(VIEW),
        _ => None,
    }
}
