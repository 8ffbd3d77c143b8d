//! `pyshim audit`: extension modules and wheels, and which CPythons load them.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::reporting;
use crate::audit;

/// The command's arguments.
pub(super) fn command() -> Command {
    Command::new("audit")
        .about("Look at wheels and extension modules: the ABI that they claim and keep, and which CPythons load them")
        .after_help(
            "Nothing is unpacked to disk, and nothing is imported.\n\n\
             Exit codes: 0 clean, 1 findings at the gate's level, 2 usage, 3 could not decide, among \
             which is that nothing was there to look at.",
        )
        .arg(
            Arg::new("files")
                .value_name("FILE")
                .required(true)
                .action(ArgAction::Append)
                .value_parser(value_parser!(PathBuf))
                .help("A wheel, an extension module, or a folder with some"),
        )
        .args(reporting::arguments())
}

/// Runs the command.
pub(super) fn run(arguments: &ArgMatches) -> u8 {
    let files = arguments.get_many::<PathBuf>("files").into_iter().flatten();
    let report = audit::audit(&Vec::from_iter(files.cloned()));
    reporting::finish(report, arguments)
}
