//! `pyshim diff`: what changed between two ABIs, and whom it breaks.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::{
    UNDECIDED, USAGE, find_manifest, observe, reporting, tell, tell_exactly, usage, wanted_colour,
};
use crate::changelog;
use crate::diff::diff;
use crate::observe::session::Session;
use crate::side::{self, Request, Unread};

const SIDES: &str = "\
OLD and NEW are each one of
  DIR               a manifest folder
  FILE              a snapshot, as `pyshim observe` writes it
  release:0.1.0     a released baseline, in the manifest's `baselines`
  git:REV[:DIR]     the manifest as a git revision has it
  python:3.14t      an interpreter of this machine, or python:PATH, which is observed
  FILE.h            a header of a C library
  FILE.so           a library or extension; --old-header and --new-header name its headers

Exit codes: 0 clean, 1 findings at the level of --fail-on, 2 usage, 3 could not decide.";

pub(super) fn command() -> Command {
    let side = |name: &'static str, help: &'static str| {
        Arg::new(name).required(true).value_name(name).help(help)
    };
    Command::new("diff")
        .about("Compare two ABIs: what changed, whether it breaks anyone, and what to do")
        .after_help(SIDES)
        .arg(side("OLD", "What programs were compiled against"))
        .arg(side("NEW", "What they are to run with"))
        .arg(
            Arg::new("manifest")
                .long("manifest")
                .value_name("DIR")
                .value_parser(value_parser!(PathBuf))
                .help("Where `release:` and `git:` look [default: abi, here or in a folder above]"),
        )
        .arg(
            Arg::new("changelog")
                .long("changelog")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help("A changelog whose newest section on the ABI must name what changed"),
        )
        .args(["old", "new"].iter().flat_map(|side| headers(side)))
        .arg(
            Arg::new("stable-abi")
                .long("stable-abi")
                .action(ArgAction::SetTrue)
                .help("Everything that limited APIs declare and CPythons export, not only what the manifest names"),
        )
        .args(usage::arguments())
        .args(observe::tools())
        .args(reporting::arguments())
}

/// What belongs to a side that is a library.
fn headers(side: &'static str) -> [Arg; 2] {
    let header = if side == "old" {
        "old-header"
    } else {
        "new-header"
    };
    let include = if side == "old" {
        "old-include"
    } else {
        "new-include"
    };
    [
        Arg::new(header)
            .long(header)
            .value_name("FILE")
            .action(ArgAction::Append)
            .help(format!("A header of the {side} library; may be repeated")),
        Arg::new(include)
            .long(include)
            .value_name("DIR")
            .value_parser(value_parser!(PathBuf))
            .action(ArgAction::Append)
            .requires(header)
            .help(format!(
                "A folder of headers of the {side} library; may be repeated"
            )),
    ]
}

pub(super) fn run(arguments: &ArgMatches) -> u8 {
    let manifest = arguments.get_one::<PathBuf>("manifest").cloned();
    let manifest = manifest.or_else(find_manifest);
    // Where nothing says what is of interest in a CPython, everything is.
    let everything = arguments.get_flag("stable-abi") || manifest.is_none();
    let manifest = manifest.unwrap_or_else(|| PathBuf::from("abi"));
    let requests = [
        request("OLD", "old", arguments),
        request("NEW", "new", arguments),
    ];
    let session = Session::new(observe::options(arguments, everything));
    let mut sides = match side::load_both(&requests, &manifest, &session) {
        Ok(sides) => sides,
        Err((index, unread)) => {
            refuse(&requests[index].given, unread, arguments);
            return UNDECIDED;
        }
    };
    if let Err(mistake) = usage::apply(arguments, &mut sides) {
        tell(&format!("error: {mistake}"));
        return USAGE;
    }
    let mut report = diff(&sides[0], &sides[1]);
    for (subject, request) in report.subjects.iter_mut().zip(&requests) {
        subject.given.clone_from(&request.given);
    }
    if let Some(path) = arguments.get_one::<PathBuf>("changelog") {
        match std::fs::read_to_string(path) {
            Ok(text) => changelog::check(&mut report, path, &text),
            Err(error) => {
                tell(&format!("error: cannot read `{}`: {error}", path.display()));
                return UNDECIDED;
            }
        }
    }
    // The process ends: to take apart what it leaves is a tenth of its time.
    std::mem::forget(sides);
    reporting::finish(report, arguments)
}

fn request(name: &str, prefix: &str, arguments: &ArgMatches) -> Request {
    let given = arguments.get_one::<String>(name).cloned();
    let headers = arguments.get_many::<String>(&format!("{prefix}-header"));
    let include = arguments.get_many::<PathBuf>(&format!("{prefix}-include"));
    Request {
        given: given.unwrap_or_default(),
        headers: headers.into_iter().flatten().cloned().collect(),
        include: include.into_iter().flatten().cloned().collect(),
    }
}

/// Says why a side cannot be had.
fn refuse(given: &str, unread: Unread, arguments: &ArgMatches) {
    match unread {
        Unread::Failed(failure) => tell(&failure.to_string()),
        Unread::Mistakes(sources, mistakes) => {
            let colour = wanted_colour(arguments, std::io::stderr().is_terminal());
            for mistake in &mistakes {
                tell_exactly(&format!("{}\n", mistake.render(&sources, colour)));
            }
            tell(&format!(
                "error: `{given}` has mistakes, so it cannot be compared"
            ));
        }
    }
}
