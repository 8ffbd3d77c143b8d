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
    let test = cargo_test(forwarded);
    steps.run("tests", || cargo(&test))
}

/// All of the workspace, unless the arguments name packages: cargo would then ignore the names.
fn cargo_test(forwarded: Vec<OsString>) -> Vec<OsString> {
    let own = forwarded.iter().take_while(|argument| *argument != "--");
    let mut words = own.map(|argument| argument.to_string_lossy());
    let named = words.any(|word| word.starts_with("-p") || word.starts_with("--package"));
    // One run shows everything that is wrong.
    let scope: &[&str] = if named {
        &["test", "--no-fail-fast"]
    } else {
        &["test", "--no-fail-fast", "--workspace"]
    };
    scope.iter().map(OsString::from).chain(forwarded).collect()
}

#[cfg(test)]
mod tests {
    use super::cargo_test;

    #[test]
    fn the_whole_workspace_is_tested_unless_packages_are_named() {
        let cases: [(&[&str], &[&str]); 4] = [
            (&[], &["--workspace"]),
            (&["--", "-p"], &["--workspace", "--", "-p"]),
            (&["--release", "-p", "x"], &["--release", "-p", "x"]),
            (&["--package=x"], &["--package=x"]),
        ];
        for (given, expected) in cases {
            let words = cargo_test(given.iter().map(Into::into).collect());
            assert_eq!(words[..2], ["test", "--no-fail-fast"]);
            assert_eq!(words[2..], *expected);
        }
    }
}
