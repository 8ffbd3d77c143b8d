//! One developer command.

use crate::failure::Failure;
use clap::{ArgMatches, Command};

/// A row of the table of commands.
pub(crate) struct Task {
    /// As typed.
    pub(crate) name: &'static str,
    /// One line for `--help`.
    pub(crate) about: &'static str,
    /// Adds the command's own arguments.
    pub(crate) arguments: fn(Command) -> Command,
    /// Does it.
    pub(crate) run: fn(&ArgMatches) -> Result<(), Failure>,
}

impl Task {
    pub(crate) fn command(&self) -> Command {
        (self.arguments)(Command::new(self.name).about(self.about))
    }
}
