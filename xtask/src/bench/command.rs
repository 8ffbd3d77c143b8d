//! What `pyshim check` takes, on this manifest and on large ones: the processor's time, which for a
//! program of one thread is that on the wall when nothing else runs.

use super::child::{Program, Taken};
use super::row::{Figure, Row};
use super::statistics::{median, quartiles};
use super::{Context, big, child, root};
use crate::failure::Failure;
use serde_json::Value;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Seconds for this manifest.
const CHECK: f64 = 0.050;
/// Seconds from its start to its end where it has nothing to do.
const START: f64 = 0.010;
/// Entries of the large manifest, and of the one that shows whether time grows in line.
const ENTRIES: [usize; 2] = [10_000, 5_000];
/// Seconds and bytes for the large one.
const LARGE_TIME: f64 = 2.0;
const LARGE_SIZE: f64 = 200e6;
/// Twice the entries may take this many times as long.
const GROWTH: f64 = 2.2;

pub(crate) fn check(context: &Context) -> Result<Vec<Row>, Failure> {
    let pyshim = build()?;
    let root = root();
    let command = pyshim_command(&pyshim, "check", &root.join("abi"), &root);
    let start = Program::new([pyshim.into(), "--version".into()]);
    let taken = time(context, 40, &[command, start])?;
    let row = |what, taken: &Taken, limit| row(what, &taken.cpu, Figure::Time, Some(limit));
    Ok(vec![
        row("pyshim check, this manifest", &taken[0], CHECK),
        row("pyshim --version", &taken[1], START),
    ])
}

pub(crate) fn manifest(context: &Context) -> Result<Vec<Row>, Failure> {
    let pyshim = build()?;
    let folder = tempfile::tempdir().map_err(|error| Failure::CouldNot(error.to_string()))?;
    let mut checks = Vec::new();
    let mut generates = Vec::new();
    for entries in ENTRIES {
        let place = folder.path().join(entries.to_string());
        let abi = place.join("abi");
        big::write(&abi, entries)
            .map_err(|error| Failure::CouldNot(format!("`{}`: {error}", abi.display())))?;
        // What is checked must be there, or `check` would print all of it as a difference.
        generates.push(time(
            context,
            1,
            &[pyshim_command(&pyshim, "generate", &abi, &place)],
        )?);
        checks.push(pyshim_command(&pyshim, "check", &abi, &place));
    }
    let taken = time(context, 10, &checks)?;
    let (large, half) = (&taken[0], &taken[1]);
    let what = |text: &str| format!("pyshim {text}, {} entries", ENTRIES[0]);
    let first = |taken: &[Taken]| taken[0].cpu[..1].to_vec();
    Ok(vec![
        row(&what("check"), &large.cpu, Figure::Time, Some(LARGE_TIME)),
        row(
            &what("check, memory"),
            &large.peak,
            Figure::Size,
            Some(LARGE_SIZE),
        ),
        growth(
            &what("check, against half as many"),
            "",
            [&large.cpu, &half.cpu],
        ),
        row(
            &what("generate"),
            &first(&generates[0]),
            Figure::Time,
            Some(LARGE_TIME),
        ),
        row(
            &what("generate, memory"),
            &generates[0][0].peak,
            Figure::Size,
            Some(LARGE_SIZE),
        ),
    ])
}

/// The release build of the command.
pub(super) fn build() -> Result<PathBuf, Failure> {
    built(["--package", "pyshim-gen", "--bin", "pyshim"])
}

/// The release build of a program of this workspace, which Cargo knows by these words.
pub(super) fn built(words: [&str; 4]) -> Result<PathBuf, Failure> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .current_dir(root())
        .args(["build", "--quiet", "--release", "--message-format", "json"]);
    let messages = child::output(command.args(words))?;
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .ok_or_else(|| Failure::CouldNot(format!("cargo built no `{}`", words[3])))
}

fn pyshim_command(pyshim: &Path, word: &str, manifest: &Path, out: &Path) -> Program {
    let mut command: Vec<OsString> = vec![pyshim.into(), word.into()];
    command.extend([
        "--manifest".into(),
        manifest.into(),
        "--out".into(),
        out.into(),
    ]);
    Program::new(command)
}

/// What programs take in turns.
pub(super) fn time(
    context: &Context,
    rounds: usize,
    programs: &[Program],
) -> Result<Vec<Taken>, Failure> {
    let python = context
        .pythons
        .first()
        .ok_or_else(|| Failure::CouldNot("there is no interpreter".to_owned()))?;
    child::turns(python, context.pace.rounds(rounds), programs)
}

pub(super) fn row(what: &str, values: &[f64], unit: fn(f64) -> Figure, limit: Option<f64>) -> Row {
    Row {
        what: what.to_owned(),
        on: String::new(),
        sides: None,
        found: unit(median(values)),
        spread: quartiles(values).map(unit),
        limit: limit.map(unit),
    }
}

/// What twice as much takes, and whether that is twice as long.
pub(super) fn growth(what: &str, on: &str, [large, half]: [&[f64]; 2]) -> Row {
    let pairs = large.iter().zip(half);
    let ratios = Vec::from_iter(pairs.map(|(large, half)| large / half));
    Row {
        on: on.to_owned(),
        sides: Some([large, half].map(|seconds| Figure::Time(median(seconds)))),
        ..row(what, &ratios, Figure::Ratio, Some(GROWTH))
    }
}
