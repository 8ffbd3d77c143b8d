//! `pyshim diff`: what changed between two ABIs, and whom it breaks.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command, value_parser};

use super::{UNDECIDED, find_manifest, reporting, tell, wanted_colour};
use crate::changelog;
use crate::diff::diff;
use crate::side::{self, Side, Unread};

const SIDES: &str = "\
OLD and NEW are each one of
  DIR               a manifest folder
  FILE              a snapshot, as `pyshim observe` writes it
  release:0.1.0     a released baseline, in the manifest's `baselines`
  git:REV[:DIR]     the manifest as a git revision has it

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
        .args(reporting::arguments())
}

pub(super) fn run(arguments: &ArgMatches) -> u8 {
    let (Some(old), Some(new)) = (load("OLD", arguments), load("NEW", arguments)) else {
        return UNDECIDED;
    };
    let mut report = diff(&old.surface, &new.surface);
    for (subject, name) in report.subjects.iter_mut().zip(["OLD", "NEW"]) {
        given(name, arguments).clone_into(&mut subject.given);
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
    reporting::finish(report, arguments)
}

fn given<'a>(name: &str, arguments: &'a ArgMatches) -> &'a str {
    arguments.get_one::<String>(name).map_or("", String::as_str)
}

/// One side, or nothing when it has been said what is wrong with it.
fn load(name: &str, arguments: &ArgMatches) -> Option<Side> {
    let manifest = arguments.get_one::<PathBuf>("manifest").cloned();
    let manifest = manifest
        .or_else(find_manifest)
        .unwrap_or_else(|| PathBuf::from("abi"));
    match side::load(given(name, arguments), &manifest) {
        Ok(side) => return Some(side),
        Err(Unread::Because(message)) => tell(&format!("error: {message}")),
        Err(Unread::Mistakes(sources, mistakes)) => {
            let colour = wanted_colour(arguments, std::io::stderr().is_terminal());
            for mistake in &mistakes {
                tell(&format!("{}\n", mistake.render(&sources, colour)));
            }
            tell(&format!(
                "error: `{}` has mistakes, so it cannot be compared",
                given(name, arguments)
            ));
        }
    }
    None
}
