//! `cargo xtask soak`: the stress tests and the fuzzer, for as long as one is ready to wait, and what
//! takes long once.

use crate::browser;
use crate::dist;
use crate::failure::Failure;
use crate::fuzz;
use crate::itself;
use crate::real;
use crate::step::cargo;
use crate::symbols;
use crate::task::Task;
use crate::tools;
use crate::universal;
use clap::{Arg, ArgMatches, Command, value_parser};

pub(crate) const TASK: Task = Task {
    name: "soak",
    about: "Run the stress tests on the free-threaded interpreters, and the fuzzer, for a long time; and every way to build, the command's tests as it is released, `symbols --check`, `itself`, `universal`, `browser`, `dist` and `real` once",
    arguments,
    run,
};

fn arguments(command: Command) -> Command {
    let minutes = Arg::new("minutes")
        .long("minutes")
        .value_name("N")
        .value_parser(value_parser!(u64).range(1..=10_000))
        .default_value("60")
        .help("Minutes for each interpreter and each fuzz target; a third of it again for each interpreter under AddressSanitizer");
    command.arg(minutes).arg(real::clone())
}

fn run(arguments: &ArgMatches) -> Result<(), Failure> {
    let minutes = arguments.get_one::<u64>("minutes").copied().unwrap_or(60);
    tools::ensure()?;
    pythons::ensure()?;
    let seconds = format!(
        "--config=env.PYSHIM_STRESS_SECONDS=\"{}\"",
        minutes.saturating_mul(60)
    );
    cargo(&[
        &seconds,
        "test",
        "--package",
        "conformance",
        "--test",
        "stress",
        "--test",
        "waiting",
        "--test",
        "views",
    ])?;
    cargo(&[
        "--config=env.PYSHIM_EVERY_WAY=\"1\"",
        "test",
        "--package",
        "conformance",
        "--test",
        "packages",
    ])?;
    // What is shipped is compiled otherwise than what is tested each day, and a compiler has its mistakes.
    cargo(&["test", "--release", "--package", "pyshim-gen"])?;
    symbols::check()?;
    itself::run()?;
    universal::run()?;
    browser::run()?;
    dist::run()?;
    fuzz::run(minutes.saturating_mul(60))?;
    real::test(arguments.get_one("clone").cloned())
}
