//! What comparing two ABIs takes: two snapshots, and two libpythons from nothing.
//!
//! The other side is libabigail's `abidiff`, which reads the same two libraries' debug information.

use super::child::{Program, Taken};
use super::command::{build, row, time};
use super::row::{Figure, Row};
use super::statistics::{median, quartiles};
use super::{Context, large, root};
use crate::failure::Failure;
use pyshim_gen::observe::find::find;
use pyshim_gen::observe::process::PATIENCE;
use pyshim_gen::observe::subject::Subject;
use pyshim_gen::surface::write::write;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// Seconds for two snapshots of 10,000 items.
const SNAPSHOTS: f64 = 0.200;
/// Two snapshots of what two stable ABIs have may take this part of what abidiff takes.
const AGAINST_ABIDIFF: f64 = 1.0 / 500.0;
/// Looking at both and comparing them may take this many times as long.
const COLD: f64 = 1.0;
/// The exit codes with which `pyshim diff` and `abidiff` say that something differs.
const PYSHIM_FINDS: [i32; 1] = [1];
const ABIDIFF_FINDS: [i32; 3] = [4, 8, 12];

pub(crate) fn snapshots(context: &Context) -> Result<Vec<Row>, Failure> {
    let pyshim = build()?;
    let folder = scratch()?;
    let files = [0, 1].map(|change| {
        let path = folder.path().join(format!("{change}.txt"));
        fs::write(&path, write(&large::large(change))).map(|()| path)
    });
    let mut paths = Vec::new();
    for file in files {
        paths.push(file.map_err(|error| Failure::CouldNot(error.to_string()))?);
    }
    let taken = time(context, 20, &[diff(&pyshim, &paths, &[])])?;
    let what = "pyshim diff, two snapshots of 10000 items";
    Ok(vec![row(
        what,
        &taken[0].cpu,
        Figure::Time,
        Some(SNAPSHOTS),
    )])
}

/// Fails before anything is measured where the other side is not there.
pub(crate) fn needs(parts: &[&str]) -> Result<(), Failure> {
    match !parts.contains(&"abidiff") || which::which("abidiff").is_ok() {
        true => Ok(()),
        false => Err(Failure::CouldNot(
            "there is no `abidiff` to compare with: `apt-get install abigail-tools`, or say what else \
             to measure"
                .to_owned(),
        )),
    }
}

pub(crate) fn libraries(context: &Context) -> Result<Vec<Row>, Failure> {
    let pyshim = build()?;
    let folder = scratch()?;
    let [old, new] = with_debug_information()?;
    let mut observed = Vec::new();
    for side in [&old, &new] {
        let program = observe(&pyshim, side, folder.path());
        time(context, 1, &[program])?;
        observed.push(folder.path().join(&side.file));
    }
    let abidiff =
        || Program::new(words("abidiff", &[&old.library, &new.library])).or(&ABIDIFF_FINDS);
    let manifest = root().join("abi");
    let cold = [&old.python, &new.python].map(|python| format!("python:{}", python.display()));
    let cold = diff(
        &pyshim,
        &cold.map(PathBuf::from),
        &[
            "--stable-abi",
            "--no-cache",
            "--manifest",
            &manifest.to_string_lossy(),
        ],
    );
    let warm = diff(&pyshim, &observed, &[]);
    let taken = time(context, 5, &[warm, cold, abidiff()])?;
    let [warm, cold, abidiff] = taken.as_slice() else {
        return Err(Failure::CouldNot("child.py lost a program".to_owned()));
    };
    let on = format!("{} and {}", old.label, new.label);
    Ok(vec![
        ratio(
            "pyshim diff of two stable ABIs, observed before",
            &on,
            [warm, abidiff],
            AGAINST_ABIDIFF,
        ),
        ratio(
            "pyshim diff of two stable ABIs, from nothing",
            &on,
            [cold, abidiff],
            COLD,
        ),
    ])
}

/// A CPython whose library can be read by abidiff.
struct Side {
    label: String,
    python: PathBuf,
    library: PathBuf,
    /// What its snapshot is called.
    file: String,
}

/// The two newest of this machine.
fn with_debug_information() -> Result<[Side; 2], Failure> {
    let mut sides = Vec::new();
    for python in find(PATIENCE) {
        let subject = Subject::of_python(&python);
        let Some(library) = subject.library else {
            continue;
        };
        let bytes = fs::read(&library).unwrap_or_default();
        let has_any = memchr::memmem::find(&bytes, b".debug_info\0").is_some();
        let is_library = library.extension().is_some_and(|end| end != "exe") && has_any;
        if is_library {
            sides.push((
                python.version,
                Side {
                    label: python.label(),
                    python: python.executable.clone(),
                    library,
                    file: subject.file,
                },
            ));
        }
    }
    sides.sort_by_key(|(version, _)| *version);
    let mut sides = sides.into_iter().rev().map(|(_, side)| side);
    match (sides.next(), sides.next()) {
        (Some(new), Some(old)) => Ok([old, new]),
        _ => Err(Failure::CouldNot(
            "there are no two CPythons with debug information in a shared library".to_owned(),
        )),
    }
}

fn observe(pyshim: &Path, side: &Side, folder: &Path) -> Program {
    let mut command = words(&pyshim.to_string_lossy(), &[]);
    command.extend(["observe", "--stable-abi", "--python"].map(OsString::from));
    command.push(side.python.clone().into());
    command.extend(["--manifest".into(), root().join("abi").into()]);
    command.extend(["--out".into(), folder.into()]);
    Program::new(command)
}

fn diff(pyshim: &Path, sides: &[PathBuf], more: &[&str]) -> Program {
    let mut command = words(&pyshim.to_string_lossy(), &[]);
    command.push("diff".into());
    command.extend(sides.iter().map(OsString::from));
    command.extend(more.iter().map(OsString::from));
    Program::new(command).or(&PYSHIM_FINDS)
}

fn words(program: &str, files: &[&PathBuf]) -> Vec<OsString> {
    let files = files.iter().map(|file| file.as_os_str().to_owned());
    std::iter::once(OsString::from(program))
        .chain(files)
        .collect()
}

/// By the wall, for what is observed is observed in parallel, and that is what a user waits for.
pub(super) fn ratio(what: &str, on: &str, [ours, theirs]: [&Taken; 2], limit: f64) -> Row {
    let pairs = ours.wall.iter().zip(&theirs.wall);
    let ratios: Vec<f64> = pairs.map(|(a, b)| a / b).collect();
    Row {
        what: what.to_owned(),
        on: on.to_owned(),
        sides: Some([&ours.wall, &theirs.wall].map(|wall| Figure::Time(median(wall)))),
        found: Figure::Ratio(median(&ratios)),
        spread: quartiles(&ratios).map(Figure::Ratio),
        limit: Some(Figure::Ratio(limit)),
    }
}

fn scratch() -> Result<tempfile::TempDir, Failure> {
    tempfile::tempdir().map_err(|error| Failure::CouldNot(error.to_string()))
}
