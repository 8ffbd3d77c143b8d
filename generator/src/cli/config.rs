//! `pyshim config`: what an extension is built with.

use std::path::Path;

use clap::{Arg, ArgMatches, Command};

use super::{CLEAN, FINDINGS, UNDECIDED, USAGE, say_exactly, tell};
use crate::config::refusal::{Refusal, Wrong};
use crate::config::show::{Format, show};
use crate::config::target::Target;
use crate::config::{Request, check, config};
use crate::model::version::Version;
use crate::observe::find::named;
use crate::observe::process::PATIENCE;

/// The command's arguments.
pub(super) fn command() -> Command {
    let option = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    Command::new("config")
        .about("Say what an extension is built with: macros, folders, suffix, wheel tag, library")
        .after_help(
            "Exit codes: 0 clean, 1 a suffix or tag that does not go with the target, 2 usage, among \
             which is a target that the headers do not have, 3 could not decide.",
        )
        .arg(
            option(
                "python",
                "VERSION",
                "The interpreter whose headers are used: 3.15t, or its path",
            )
            .default_value("python3"),
        )
        .arg(
            option("target", "TARGET", "What is compiled")
                .value_parser(Target::ALL.map(Target::name))
                .default_value(Target::Version.name()),
        )
        .arg(option(
            "since",
            "VERSION",
            "The oldest CPython that is to load it [default: the oldest that the target has]",
        ))
        .arg(option("suffix", "SUFFIX", "The suffix that a tool gives the file, to be checked"))
        .arg(option("tag", "TAG", "The tag that a tool gives the wheel, to be checked"))
        .arg(
            option("format", "FORMAT", "How it is shown")
                .value_parser(Format::ALL.map(|(name, _)| name))
                .default_value("text"),
        )
}

/// Runs the command.
pub(super) fn run(arguments: &ArgMatches) -> u8 {
    let word = |name: &str| arguments.get_one::<String>(name).map(String::as_str);
    let since = match word("since").map(|text| (text, Version::parse(text))) {
        Some((text, None)) => {
            tell(&format!("error: `{text}` is not a version such as 3.9"));
            return USAGE;
        }
        Some((_, version)) => version,
        None => None,
    };
    let host = match named(Path::new(word("python").unwrap_or_default()), PATIENCE) {
        Ok(host) => host,
        Err(failure) => {
            tell(&failure.to_string());
            return UNDECIDED;
        }
    };
    let target = word("target").and_then(Target::parse);
    let request = Request {
        target: target.unwrap_or(Target::Version),
        since,
    };
    let found = match config(&host, &request) {
        Ok(found) => found,
        Err(refusal) => return refuse(&refusal),
    };
    let suffix = word("suffix").map(|suffix| check::suffix(&found, suffix));
    let tag = word("tag").map(|tag| check::tag(&found, tag));
    let wrong: Vec<Refusal> = [suffix, tag]
        .into_iter()
        .flatten()
        .filter_map(Result::err)
        .collect();
    for refusal in &wrong {
        tell(&refusal.to_string());
    }
    let formats = Format::ALL.into_iter();
    let mut format = formats.filter(|(name, _)| Some(*name) == word("format"));
    let format = format.next().map_or(Format::Text, |(_, format)| format);
    say_exactly(&show(&found, format));
    let is_undecided = |one: &Refusal| one.wrong == Wrong::Unobserved;
    match wrong.is_empty() {
        true => CLEAN,
        false if wrong.iter().any(is_undecided) => UNDECIDED,
        false => FINDINGS,
    }
}

fn refuse(refusal: &Refusal) -> u8 {
    tell(&refusal.to_string());
    match refusal.wrong {
        Wrong::Headers => UNDECIDED,
        _ => USAGE,
    }
}
