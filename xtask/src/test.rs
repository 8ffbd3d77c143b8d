//! `cargo xtask test`: gets what the tests need, then runs them all.

use crate::failure::Failure;
use crate::step::{Steps, cargo};
use crate::task::Task;
use crate::tools;
use clap::{Arg, Command, value_parser};
use std::ffi::OsString;

pub(crate) const TASK: Task = Task {
    name: "test",
    about: "Get what the tests need, then run them all; ARGS go to `cargo test --workspace`",
    arguments,
    run: |arguments| {
        let forwarded = arguments
            .get_many("ARGS")
            .into_iter()
            .flatten()
            .cloned()
            .collect();
        run(&mut Steps::default(), forwarded)
    },
};

fn arguments(command: Command) -> Command {
    let forwarded = Arg::new("ARGS")
        .num_args(0..)
        .value_parser(value_parser!(OsString));
    // Hyphens and `--` are cargo's, too.
    command.arg(forwarded.trailing_var_arg(true).allow_hyphen_values(true))
}

/// Nothing is printed after cargo's own result lines.
pub(crate) fn run(steps: &mut Steps, forwarded: Vec<OsString>) -> Result<(), Failure> {
    steps.run("tools", tools::ensure)?;
    steps.run("interpreters", || Ok(pythons::ensure().map(drop)?))?;
    steps.run("generated files", || {
        cargo(&["run", "--quiet", "--package", "pyshim-gen", "--", "check"])
    })?;
    let mut test = vec![OsString::from("test"), OsString::from("--workspace")];
    test.extend(forwarded);
    steps.run("tests", || cargo(&test))
}
