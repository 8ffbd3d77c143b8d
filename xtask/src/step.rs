//! Runs programs and says how long each part of a command took.

use crate::failure::Failure;
use crate::place::root;
use std::env;
use std::ffi::OsStr;
use std::process::Command;
use std::time::{Duration, Instant};

/// The parts of a command that are over.
#[derive(Default)]
pub(crate) struct Steps {
    over: Vec<(&'static str, Duration)>,
}

impl Steps {
    /// Runs one part.
    pub(crate) fn run(
        &mut self,
        name: &'static str,
        step: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        eprintln!("xtask: {name}");
        let start = Instant::now();
        let result = step();
        self.over.push((name, start.elapsed()));
        result
    }

    /// One line a part, then their sum.
    pub(crate) fn table(&self) -> String {
        let width = self
            .over
            .iter()
            .map(|(name, _)| name.len())
            .max()
            .unwrap_or_default();
        let row =
            |name: &str, time: Duration| format!("{name:width$} {:7.1} s\n", time.as_secs_f64());
        let rows: String = self
            .over
            .iter()
            .map(|(name, time)| row(name, *time))
            .collect();
        rows + &row("all", self.over.iter().map(|(_, time)| time).sum())
    }
}

/// Runs the cargo that runs us, in the workspace's root.
pub(crate) fn cargo<S: AsRef<OsStr>>(arguments: &[S]) -> Result<(), Failure> {
    let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    run(Command::new(program).args(arguments).current_dir(root()))
}

/// Runs a program that reports by exit code, 3 meaning that it could not do its work.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    let words: Vec<_> = [command.get_program()]
        .into_iter()
        .chain(command.get_args())
        .collect();
    let line = words.join(OsStr::new(" ")).to_string_lossy().into_owned();
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) if status.code() == Some(3) => {
            Err(Failure::CouldNot(format!("`{line}` could not do its work")))
        }
        Ok(status) => Err(Failure::Findings(format!("`{line}` failed ({status})"))),
        Err(error) => Err(Failure::CouldNot(format!(
            "`{line}` could not be started: {error}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::{Steps, run};
    use crate::failure::Failure;
    use std::process::Command;
    use std::time::Duration;

    #[test]
    fn the_table_lines_up_and_adds_up() {
        let over = vec![
            ("fmt", Duration::from_millis(1500)),
            ("clippy", Duration::from_secs(20)),
        ];
        let table = Steps { over }.table();
        assert_eq!(
            table,
            "fmt        1.5 s\nclippy    20.0 s\nall       21.5 s\n"
        );
    }

    #[test]
    fn a_step_that_fails_is_timed_too() {
        let mut steps = Steps::default();
        let result = steps.run("x", || Err(Failure::Findings("y".to_owned())));
        assert!(matches!(result, Err(Failure::Findings(_))));
        assert!(steps.table().starts_with("x "));
    }

    #[cfg(unix)]
    #[test]
    fn exit_codes_are_told_apart() {
        let shell = |script| run(Command::new("sh").args(["-c", script]));
        assert!(shell("exit 0").is_ok());
        assert!(matches!(shell("exit 3"), Err(Failure::CouldNot(_))));
        assert!(matches!(shell("exit 101"), Err(Failure::Findings(_))));
        let absent = run(&mut Command::new("/nonexistent/program"));
        assert!(matches!(absent, Err(Failure::CouldNot(_))));
    }
}
