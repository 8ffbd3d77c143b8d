//! Runs programs and says what they took.

use super::root;
use crate::failure::Failure;
use pythons::Python;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::ffi::OsString;
use std::process::{Command, Stdio};

/// A program to run.
#[derive(Serialize)]
pub(crate) struct Program {
    words: Vec<String>,
    /// The exit codes that are no failure.
    codes: Vec<i32>,
}

impl Program {
    /// One that has to end with 0.
    pub(crate) fn new(words: impl IntoIterator<Item = OsString>) -> Self {
        let words = words.into_iter();
        Program {
            words: words
                .map(|word| word.to_string_lossy().into_owned())
                .collect(),
            codes: vec![0],
        }
    }

    /// One that may end with others, too.
    pub(crate) fn or(mut self, codes: &[i32]) -> Self {
        self.codes.extend(codes);
        self
    }
}

/// What each run of a program took.
#[derive(Deserialize)]
pub(crate) struct Taken {
    /// Seconds of the processor's.
    pub(crate) cpu: Vec<f64>,
    /// Seconds on the wall.
    pub(crate) wall: Vec<f64>,
    /// Bytes at most.
    pub(crate) peak: Vec<f64>,
}

/// Runs programs in turns, each twice a round.
pub(crate) fn turns(
    python: &Python,
    rounds: usize,
    programs: &[Program],
) -> Result<Vec<Taken>, Failure> {
    let mut command = Command::new(&python.executable);
    command
        .arg(root().join("tests/bench/child.py"))
        .arg(rounds.to_string())
        .arg(json!(programs).to_string());
    let text = output(&mut command)?;
    let taken: Vec<Taken> = serde_json::from_str(&text)
        .map_err(|error| Failure::CouldNot(format!("{text}: {error}")))?;
    if taken.len() == programs.len() {
        Ok(taken)
    } else {
        Err(Failure::CouldNot("child.py lost a program".to_owned()))
    }
}

/// The standard output of a program that succeeds; its errors are shown.
pub(crate) fn output(command: &mut Command) -> Result<String, Failure> {
    let shown = command.get_program().to_string_lossy().into_owned();
    let result = command.stderr(Stdio::inherit()).output();
    let output = result.map_err(|error| Failure::CouldNot(format!("`{shown}`: {error}")))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(Failure::CouldNot(format!(
            "`{shown}` failed ({})",
            output.status
        )))
    }
}
