//! `pyshim audit`: extension modules and wheels, and which CPythons load them.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::{USAGE, reporting, tell};
use crate::audit::compare::compare;
use crate::audit::{self, imports};
use crate::observe::find::named;
use crate::observe::process::PATIENCE;
use crate::report::Format;

/// The command's arguments.
pub(super) fn command() -> Command {
    Command::new("audit")
        .about("Look at wheels and extension modules: the ABI that they claim and keep, and which CPythons load them")
        .after_help(
            "Nothing is unpacked to disk, and nothing is imported, except with --import-check: a wheel is \
             then unpacked into a temporary folder, which is removed, and what is in it runs.\n\n\
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
        .arg(
            Arg::new("against")
                .long("against")
                .value_name("OLD")
                .value_parser(value_parser!(PathBuf))
                .help("Also compare the one wheel that is named with this older one"),
        )
        .arg(
            Arg::new("import-check")
                .long("import-check")
                .value_name("PYTHON")
                .action(ArgAction::Append)
                .value_parser(value_parser!(PathBuf))
                .help("Also import each module with this interpreter (3.14t, or its path), in a process of its own; may be repeated"),
        )
        .arg(
            Arg::new("import-timeout")
                .long("import-timeout")
                .value_name("SECONDS")
                .requires("import-check")
                .value_parser(value_parser!(u64).range(1..))
                .help("How long an import may take [default: 30]"),
        )
        .args(reporting::arguments())
        .mut_arg("format", |format| {
            let formats = Format::ALL.into_iter().chain(Format::OF_AUDITS);
            format.value_parser(Vec::from_iter(formats.map(Format::word)))
        })
}

/// Runs the command.
pub(super) fn run(arguments: &ArgMatches) -> u8 {
    let paths = |name| {
        let paths = arguments.get_many::<PathBuf>(name);
        Vec::from_iter(paths.into_iter().flatten().cloned())
    };
    let files = paths("files");
    let old = arguments.get_one::<PathBuf>("against");
    let mut report = match (old, files.as_slice()) {
        (None, files) => audit::audit(files),
        (Some(old), [new]) => compare(old, new),
        (Some(_), _) => {
            tell("error: `--against` compares with one wheel, and several files are named");
            return USAGE;
        }
    };
    let mut pythons = Vec::new();
    for executable in paths("import-check") {
        match named(&executable, PATIENCE) {
            Ok(python) => pythons.push(python),
            Err(failure) => report.failures.push(failure.in_one_line()),
        }
    }
    if !pythons.is_empty() {
        let seconds = arguments.get_one::<u64>("import-timeout");
        let patience = seconds.map_or(imports::PATIENCE, |seconds| Duration::from_secs(*seconds));
        imports::check(&files, &pythons, patience, &mut report);
    }
    reporting::finish(report, arguments)
}
