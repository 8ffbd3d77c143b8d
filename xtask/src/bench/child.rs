//! Runs programs and says what they took.

use super::root;
use crate::failure::Failure;
use pythons::Python;
use serde::Deserialize;
use serde_json::Value;
use std::ffi::OsString;
use std::process::{Command, Stdio};

/// What each run of a command took.
#[derive(Deserialize)]
pub(crate) struct Taken {
    /// Seconds of the processor's.
    pub(crate) cpu: Vec<f64>,
    /// Bytes at most.
    pub(crate) peak: Vec<f64>,
}

/// Runs commands in turns, each twice a round.
pub(crate) fn turns(
    python: &Python,
    rounds: usize,
    commands: &[Vec<OsString>],
) -> Result<Vec<Taken>, Failure> {
    let words = |command: &Vec<OsString>| -> Value {
        command.iter().map(|word| word.to_string_lossy()).collect()
    };
    let list: Value = commands.iter().map(words).collect();
    let mut command = Command::new(&python.executable);
    command
        .arg(root().join("tests/bench/child.py"))
        .arg(rounds.to_string())
        .arg(list.to_string());
    let text = output(&mut command)?;
    serde_json::from_str(&text).map_err(|error| Failure::CouldNot(format!("{text}: {error}")))
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
