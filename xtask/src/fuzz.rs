//! `cargo xtask fuzz`: gives what pyshim reads to LLVM's fuzzer.
//!
//! The compiler's own coverage pass is enough for it, so no nightly is needed.

use crate::failure::{Failure, could_not_at};
use crate::place::{root, target};
use crate::step;
use crate::task::Task;
use clap::{Arg, Command, value_parser};
use std::path::{Path, PathBuf};
use std::{env, fs, process};

pub(crate) const TASK: Task = Task {
    name: "fuzz",
    about: "Give what pyshim reads to a fuzzer; what fails is kept in target/fuzz/failures",
    arguments,
    run: |arguments| {
        run(arguments
            .get_one::<u64>("seconds")
            .copied()
            .unwrap_or(SECONDS))
    },
};

/// For each target, where nobody says.
pub(crate) const SECONDS: u64 = 60;

/// Each target with what it starts from, relative to the project.
const TARGETS: &[(&str, &[&str])] = &[
    ("manifest", &["abi/entries", "generator/tests/fixtures"]),
    ("object", &["fuzz/seeds/object"]),
    ("snapshot", &["fuzz/seeds/snapshot"]),
    ("wheel", &["fuzz/seeds/wheel"]),
];

/// What makes the fuzzer see which way a program goes; as cargo-fuzz has it.
const COVERAGE: &str = "--cfg fuzzing -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Cdebug-assertions -Coverflow-checks";

fn arguments(command: Command) -> Command {
    command.arg(
        Arg::new("seconds")
            .long("seconds")
            .value_name("N")
            .value_parser(value_parser!(u64).range(1..))
            .help("For each target [default: 60]"),
    )
}

pub(crate) fn run(seconds: u64) -> Result<(), Failure> {
    let (root, folder) = (root(), target().join("fuzz"));
    let built = build(&root, &folder)?;
    for (name, seeds) in TARGETS {
        let corpus = folder.join("corpus").join(name);
        let failures = folder.join("failures").join(name);
        for path in [&corpus, &failures] {
            fs::create_dir_all(path).map_err(could_not_at("make", path))?;
        }
        eprintln!("xtask: fuzz {name} for {seconds} s");
        let mut command = process::Command::new(built.join(name));
        command
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-artifact_prefix={}/", failures.display()))
            // Seconds and megabytes that one input may take.
            .args(["-timeout=10", "-rss_limit_mb=1024", "-max_len=8192"])
            .args(["-print_final_stats=1", "-verbosity=0"])
            .arg(corpus)
            .args(seeds.iter().map(|seed| root.join(seed)));
        step::run(&mut command)?;
    }
    Ok(())
}

/// Builds the targets and returns the folder that they are in.
fn build(root: &Path, folder: &Path) -> Result<PathBuf, Failure> {
    let triple = host()?;
    let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = process::Command::new(program);
    command
        .args([
            "build",
            "--release",
            "--quiet",
            "--locked",
            "--manifest-path",
        ])
        .arg(root.join("fuzz/Cargo.toml"))
        // Build scripts run without the fuzzer, and are built for the host without these flags.
        .args(["--target", &triple])
        .env("CARGO_TARGET_DIR", folder)
        .env("RUSTFLAGS", COVERAGE);
    step::run(&mut command)?;
    Ok(folder.join(triple).join("release"))
}

/// The machine's target triple, as rustc names it.
fn host() -> Result<String, Failure> {
    let output = process::Command::new("rustc").arg("-vV").output();
    let output = output.map_err(|error| Failure::CouldNot(format!("`rustc -vV`: {error}")))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .ok_or_else(|| Failure::CouldNot("`rustc -vV` does not name its host".to_owned()))
}
