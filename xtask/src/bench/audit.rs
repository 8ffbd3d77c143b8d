//! What auditing wheels takes, beside the auditors of `cargo xtask wheels` on the same wheels.

use super::Context;
use super::child::Program;
use super::command::{build, built, growth, time};
use super::compare::ratio;
use super::row::{Figure, Row};
use super::statistics::{median, quartiles};
use crate::failure::{Failure, could_not, could_not_at};
use crate::wheels;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// `pyshim audit` may take this part of what the others take.
const AGAINST_ABI3AUDIT: f64 = 1.0 / 40.0;
const AGAINST_DOCTOR: f64 = 1.0 / 4.0;
/// And so many times as long as inflating the modules, which is the least that an audit can do.
const AGAINST_INFLATING: f64 = 2.0;
/// Bytes beyond those of the largest module.
const BEYOND: f64 = 64e6;
/// Exit codes that say that something was found, or could not be decided.
const FINDS: [i32; 2] = [1, 3];

pub(crate) fn measure(context: &Context) -> Result<Vec<Row>, Failure> {
    let (peers, wheels) = wheels::of_abi3()?;
    // This reads all of them, and before any clock runs: who comes first would wait for the disk, and the
    // others would not. No module has so many bytes that the number would not be exact.
    let largest = wheels::largest_module(&wheels)? as f64;
    let command = |program: &Path, words: &[&str], wheels: &[PathBuf]| {
        let mut line: Vec<OsString> = vec![program.into()];
        line.extend(words.iter().map(OsString::from));
        line.extend(wheels.iter().map(OsString::from));
        Program::new(line).or(&FINDS)
    };
    let pyshim = build()?;
    let programs = [
        command(&pyshim, &["audit"], &wheels),
        command(&peers.abi3audit_program(), &[], &wheels),
        command(&peers.doctor_program(), &["wheel"], &wheels),
    ];
    let taken = time(context, 2, &programs)?;
    let [ours, abi3audit, doctor] = taken.as_slice() else {
        return Err(Failure::CouldNot("child.py lost a program".to_owned()));
    };
    let inflate = built(["--package", "xtask", "--example", "inflate"])?;
    let (again, twice) = twice(&wheels)?;
    let programs = [
        command(&pyshim, &["audit"], &wheels),
        command(&inflate, &[], &wheels),
        command(&pyshim, &["audit"], &twice),
    ];
    let taken = time(context, 10, &programs)?;
    drop(again);
    let [once, inflating, twice] = taken.as_slice() else {
        return Err(Failure::CouldNot("child.py lost a program".to_owned()));
    };
    let on = format!("{} abi3 wheels", wheels.len());
    let beyond = Vec::from_iter(ours.peak.iter().map(|peak| peak - largest));
    Ok(vec![
        ratio("pyshim audit", &on, [ours, abi3audit], AGAINST_ABI3AUDIT),
        ratio(
            "pyshim audit, against abi3t-doctor",
            &on,
            [ours, doctor],
            AGAINST_DOCTOR,
        ),
        ratio(
            "pyshim audit, against inflating the modules",
            &on,
            [once, inflating],
            AGAINST_INFLATING,
        ),
        growth(
            "pyshim audit, against half of the bytes",
            &format!("{} abi3 wheels", 2 * wheels.len()),
            [&twice.wall, &once.wall],
        ),
        Row {
            what: "pyshim audit, memory beyond the largest module".to_owned(),
            on,
            sides: None,
            found: Figure::Size(median(&beyond)),
            spread: quartiles(&beyond).map(Figure::Size),
            limit: Some(Figure::Size(BEYOND)),
        },
    ])
}

/// The wheels, and each once more from a folder that goes when it is dropped.
fn twice(wheels: &[PathBuf]) -> Result<(TempDir, Vec<PathBuf>), Failure> {
    let folder = tempfile::tempdir().map_err(could_not("make a folder"))?;
    let mut twice = wheels.to_vec();
    for wheel in wheels {
        let copy = folder.path().join(wheel.file_name().unwrap_or_default());
        fs::copy(wheel, &copy).map_err(could_not_at("copy", wheel))?;
        twice.push(copy);
    }
    Ok((folder, twice))
}
