//! `cargo xtask ci`: everything that a change must pass.

use crate::failure::Failure;
use crate::fuzz;
use crate::step::{Steps, cargo};
use crate::task::Task;
use crate::test;

pub(crate) const TASK: Task = Task {
    name: "ci",
    about: "Check formatting and lints, do what `test` does, then fuzz; says how long each part took",
    arguments: |command| command,
    run: |_| {
        let mut steps = Steps::default();
        let result = run(&mut steps);
        eprint!("{}", steps.table());
        result
    },
};

fn run(steps: &mut Steps) -> Result<(), Failure> {
    steps.run("format", || cargo(&["fmt", "--all", "--check"]))?;
    steps.run("lints", || {
        cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--quiet",
            "--",
            "-D",
            "warnings",
        ])
    })?;
    test::run(steps, Vec::new())?;
    steps.run("fuzz", || fuzz::run(fuzz::SECONDS))
}
