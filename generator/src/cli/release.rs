//! `pyshim release-baseline`: freezes what a release promises.

use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command, value_parser};

use super::{CLEAN, FINDINGS, UNDECIDED, find_manifest, say, tell};
use crate::model::version::Release;
use crate::side::{self, Unread};
use crate::surface::write::write;
use crate::write::put;

pub(super) fn command() -> Command {
    Command::new("release-baseline")
        .about("Write down what a release promises; `pyshim diff release:VERSION abi` compares with it")
        .after_help("Exit codes: 0 clean, 1 the release has another baseline already, 2 usage, 3 could not decide.")
        .arg(
            Arg::new("VERSION")
                .required(true)
                .value_parser(|text: &str| {
                    Release::parse(text).ok_or("expected a release, as in 0.1.0")
                })
                .help("The release"),
        )
        .arg(
            Arg::new("manifest")
                .long("manifest")
                .value_name("DIR")
                .value_parser(value_parser!(PathBuf))
                .help("The manifest folder [default: abi, here or in a folder above]"),
        )
}

pub(super) fn run(arguments: &ArgMatches) -> u8 {
    let named = arguments.get_one::<PathBuf>("manifest").cloned();
    let Some(abi) = named.or_else(find_manifest) else {
        tell("error: no manifest folder `abi` here or in a folder above; name one with --manifest");
        return UNDECIDED;
    };
    let Some(release) = arguments.get_one::<Release>("VERSION") else {
        return UNDECIDED;
    };
    let surface = match side::load(&abi.display().to_string(), &abi) {
        Ok(surface) => surface,
        Err(Unread::Failed(failure)) => {
            tell(&failure.to_string());
            return UNDECIDED;
        }
        Err(Unread::Mistakes(..)) => {
            tell("error: the manifest has mistakes; `pyshim check` shows them");
            return UNDECIDED;
        }
    };
    let path = side::baseline(&abi, &release.to_string());
    let text = write(&surface);
    match std::fs::read_to_string(&path) {
        Ok(found) if found == text => {
            say(&format!("{} is as it was", path.display()));
            return CLEAN;
        }
        Ok(_) => {
            tell(&format!(
                "error: {} is there and says something else. What a release promised does not \
                 change: give this one another version",
                path.display()
            ));
            return FINDINGS;
        }
        Err(_) => {}
    }
    match put(&path, &text) {
        Ok(_) => {
            say(&format!("wrote {}", path.display()));
            CLEAN
        }
        Err(error) => {
            tell(&format!("error: {error}"));
            UNDECIDED
        }
    }
}
