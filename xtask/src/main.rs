//! Developer commands: `cargo xtask --help` lists them.
//!
//! A command is a [`Task`] in a file of its own and a line in [`TASKS`]. Exit codes are those of
//! `pyshim` itself: 0 clean, 1 findings or failed tests, 2 usage, 3 could not.

mod bench;
mod browser;
mod ci;
mod dist;
mod failure;
mod first;
mod fuzz;
mod installer;
mod interpreters;
mod itself;
mod libclang;
mod measured;
mod peers;
mod place;
mod real;
mod site;
mod soak;
mod step;
mod symbols;
mod task;
mod test;
mod tools;
mod universal;
mod upstream;
mod venv;
mod wheels;

use clap::Command;
use failure::Failure;
use std::env;
use std::ffi::OsString;
use std::process::ExitCode;
use task::Task;

const TASKS: &[Task] = &[
    interpreters::TASK,
    tools::TASK,
    test::TASK,
    ci::TASK,
    bench::TASK,
    soak::TASK,
    peers::TASK,
    upstream::TASK,
    symbols::TASK,
    wheels::TASK,
    real::TASK,
    fuzz::TASK,
    itself::TASK,
    universal::TASK,
    first::TASK,
    browser::TASK,
    site::TASK,
    dist::TASK,
];

fn main() -> ExitCode {
    match run(TASKS) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            failure.exit_code()
        }
    }
}

fn run(tasks: &[Task]) -> Result<(), Failure> {
    // Ends the process with 2 when the command line is wrong.
    let matches = command(tasks).get_matches_from(double_dash(env::args_os().collect()));
    let chosen = matches.subcommand().and_then(|(name, arguments)| {
        tasks
            .iter()
            .find(|task| task.name == name)
            .map(|task| (task, arguments))
    });
    match chosen {
        Some((task, arguments)) => (task.run)(arguments),
        None => unreachable!("clap lets no other command through"),
    }
}

/// clap keeps a `--` that follows the command's name for itself. One more, and the command has it.
fn double_dash(mut line: Vec<OsString>) -> Vec<OsString> {
    if line.get(2).is_some_and(|argument| argument == "--") {
        line.insert(2, "--".into());
    }
    line
}

fn command(tasks: &[Task]) -> Command {
    Command::new("cargo xtask")
        .bin_name("cargo xtask")
        .about("Developer commands of pyshim")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommands(tasks.iter().map(Task::command))
        .after_help("Exit codes: 0 clean, 1 findings or failed tests, 2 usage, 3 could not.")
}

#[cfg(test)]
mod tests {
    use super::{TASKS, command, double_dash};
    use std::ffi::OsString;

    #[test]
    fn every_command_line_is_well_formed() {
        command(TASKS).debug_assert();
    }

    #[test]
    fn what_follows_test_is_for_cargo() {
        let lines: [&[&str]; 3] = [
            &[
                "xtask",
                "test",
                "-p",
                "conformance",
                "--",
                "--nocapture",
                "--",
                "x",
            ],
            &["xtask", "test", "--", "--nocapture"],
            &["xtask", "test", "name"],
        ];
        for line in lines {
            let given = double_dash(line.iter().map(OsString::from).collect());
            let matches = command(TASKS).try_get_matches_from(given).unwrap();
            let (_, arguments) = matches.subcommand().unwrap();
            let forwarded: Vec<_> = arguments.get_many::<OsString>("ARGS").unwrap().collect();
            assert_eq!(forwarded, line[2..].iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn no_command_and_an_unknown_one_are_usage_errors() {
        for line in [
            &["xtask"] as &[&str],
            &["xtask", "nonsense"],
            &["xtask", "pythons", "--xml"],
        ] {
            let error = command(TASKS).try_get_matches_from(line).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{line:?}");
        }
    }
}
