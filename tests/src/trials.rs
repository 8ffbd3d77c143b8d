//! Tests that are made when a program starts: one for each interpreter, mode or file.

use std::fmt::Display;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use pythons::Python;

use crate::interpreters;

/// Runs tests, as the command line says, unless it could not be found out which they are.
pub fn run<E: Display>(trials: Result<Vec<Trial>, E>) -> ExitCode {
    run_as(&Arguments::from_args(), trials)
}

/// Runs those that are made of the interpreters.
pub fn on_interpreters(trials: impl FnOnce(&[Python]) -> Vec<Trial>) -> ExitCode {
    run(interpreters().map(|pythons| trials(&pythons)))
}

/// The same, one after the other: each has threads of its own.
pub fn on_interpreters_in_turn(trials: impl FnOnce(&[Python]) -> Vec<Trial>) -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    run_as(&arguments, interpreters().map(|pythons| trials(&pythons)))
}

fn run_as<E: Display>(arguments: &Arguments, trials: Result<Vec<Trial>, E>) -> ExitCode {
    match trials {
        Ok(trials) => libtest_mimic::run(arguments, trials).exit_code(),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A test on one interpreter, named after it; it is given its name.
pub fn trial(
    python: &Python,
    name: &str,
    test: impl Fn(&Python, &str) -> Result<(), String> + Send + 'static,
) -> Trial {
    let python = python.clone();
    let name = format!("{}::{name}", python.label);
    let inner = name.clone();
    Trial::test(name, move || test(&python, &inner).map_err(Failed::from))
}
