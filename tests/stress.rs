//! Every primitive under load on the free-threaded interpreters, all at once: sections over objects
//! and over mutexes, the mutex and the once, with counts that only they protect, in two interpreters;
//! and the atomic reference and try-incref, with objects whose memory goes away at once, is handed out
//! again, or is CPython's own. Stack references are of one thread each, so nobody contends for them.
//!
//! `PYSHIM_STRESS_SECONDS` sets the time for each interpreter; `cargo xtask soak` gives hours.

use std::path::Path;
use std::process::{Command, ExitCode};

use conformance::compile::C99;
use conformance::extension::build;
use conformance::place::{root, scratch};
use conformance::run::succeed_within;
use conformance::trials;
use libtest_mimic::{Failed, Trial};
use pythons::Python;

/// On each of the free-threaded interpreters. Every primitive is at work all of the time.
const SECONDS: u64 = 12;

fn main() -> ExitCode {
    trials::on_interpreters_in_turn(all)
}

fn all(pythons: &[Python]) -> Vec<Trial> {
    let seconds = std::env::var("PYSHIM_STRESS_SECONDS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(SECONDS);
    let mut trials = Vec::new();
    for python in pythons.iter().filter(|python| python.free_threaded) {
        for sanitizer in [None, Some("address")] {
            let python = python.clone();
            let name = format!("{}::{}", python.label, sanitizer.unwrap_or("plain"));
            // Under AddressSanitizer everything is slower; a third of the time is enough beside it.
            let seconds = if sanitizer.is_some() {
                seconds.div_ceil(3)
            } else {
                seconds
            };
            trials.push(Trial::test(name.clone(), move || {
                stress(&python, &name, sanitizer, seconds).map_err(Failed::from)
            }));
        }
    }
    trials
}

fn stress(
    python: &Python,
    name: &str,
    sanitizer: Option<&str>,
    seconds: u64,
) -> Result<(), String> {
    let folder = scratch(&format!("stress::{name}"));
    let flags: Vec<String> = sanitizer
        .map(|which| vec![format!("-fsanitize={which}"), "-g".to_owned()])
        .unwrap_or_default();
    for name in ["stress", "contention", "interpreters"] {
        let source = root().join(format!("tests/ext/c/{name}.c"));
        build(&folder, python, &flags, C99, &source, name)?;
    }
    let mut command = Command::new(&python.executable);
    command
        .arg(root().join("tests/ext/stress.py"))
        .arg(&folder)
        .arg(seconds.to_string())
        .env_remove("PYTHON_GIL");
    if sanitizer.is_some() {
        // The interpreter is not instrumented and keeps what it allocated to the end.
        command
            .env("LD_PRELOAD", library("libasan.so")?)
            .env("ASAN_OPTIONS", "detect_leaks=0");
        command.env("PYTHONMALLOC", "default");
    }
    let output = succeed_within(&mut command, seconds + 120)?;
    if output.ends_with("done\n") {
        Ok(())
    } else {
        Err(output)
    }
}

/// Where gcc keeps one of its libraries.
fn library(name: &str) -> Result<String, String> {
    let mut command = Command::new("gcc");
    command.arg(format!("-print-file-name={name}"));
    let path = succeed_within(&mut command, 10)?.trim().to_owned();
    if Path::new(&path).is_absolute() {
        Ok(path)
    } else {
        Err(format!("gcc has no {name}"))
    }
}
