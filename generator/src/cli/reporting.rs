//! The end of commands that find something: what is suppressed, how it is shown, and the exit code.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, value_parser};

use super::{UNDECIDED, say_exactly, tell, tell_exactly, wanted_colour};
use crate::diag::Sink;

use crate::report::gate::{FailOn, Gate, Outcome};
use crate::report::{Format, Options, render};
use crate::report::{Report, Rule, suppress};
use crate::rules;
use crate::source::Sources;
use crate::surface::Evidence;
use crate::write::put;

/// The arguments that say how a report is shown, and what fails.
pub(super) fn arguments() -> Vec<Arg> {
    let word =
        |name: &'static str, value: &'static str, words: &[&'static str], help: &'static str| {
            Arg::new(name)
                .long(name)
                .value_name(value)
                .value_parser(words.to_vec())
                .help(help)
        };
    vec![
        word(
            "format",
            "FORMAT",
            &Format::ALL.map(Format::word),
            "How the report is shown",
        )
        .default_value("text"),
        word(
            "fail-on",
            "LEVEL",
            &FailOn::ALL.map(FailOn::word),
            "What is a failure; may be repeated, and `undecided` adds what could not be compared",
        )
        .value_delimiter(',')
        .action(ArgAction::Append)
        .default_value("break"),
        word(
            "require",
            "EVIDENCE",
            &Evidence::ALL.map(Evidence::word),
            "Evidence that each side must have; without it nothing is decided",
        )
        .value_delimiter(',')
        .action(ArgAction::Append),
        Arg::new("suppressions")
            .long("suppressions")
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .help("Findings that do not count, each with a reason and a last day"),
        Arg::new("output")
            .long("output")
            .short('o')
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .help("Write the report into a file [default: print it]"),
        Arg::new("color")
            .long("color")
            .value_parser(["auto", "always", "never"])
            .default_value("auto")
            .help("Whether text is coloured; auto means on a terminal without NO_COLOR"),
    ]
}

/// Suppresses, sorts and shows a report, and returns the exit code.
pub(super) fn finish(mut report: Report, arguments: &ArgMatches) -> u8 {
    if let Err(code) = suppress(&mut report, arguments) {
        return code;
    }
    report.sort();
    let format = arguments.get_one::<String>("format");
    let format = Format::ALL
        .into_iter()
        .chain(Format::OF_AUDITS)
        .find(|one| format.is_some_and(|word| word == one.word()))
        .unwrap_or(Format::Text);
    let output = arguments.get_one::<PathBuf>("output");
    let printed = output.is_none();
    let on_terminal = printed && std::io::stdout().is_terminal();
    let options = Options {
        colour: wanted_colour(arguments, on_terminal),
        gate: gate(arguments),
        ..Options::default()
    };
    let text = render(&report, format, &options);
    match output {
        None => say_exactly(&text),
        Some(path) => {
            if let Err(error) = put(path, &text) {
                tell(&format!("error: {error}"));
                return UNDECIDED;
            }
        }
    }
    let outcome = options.gate.outcome(&report);
    // Text says it itself.
    if let (Outcome::Undecided(reasons), false) = (&outcome, printed && format == Format::Text) {
        for reason in reasons {
            tell(&format!("error: {reason}"));
        }
    }
    outcome.code()
}

fn gate(arguments: &ArgMatches) -> Gate {
    let fail_on = arguments
        .get_many::<String>("fail-on")
        .into_iter()
        .flatten();
    let require = arguments
        .get_many::<String>("require")
        .into_iter()
        .flatten();
    Gate {
        fail_on: fail_on
            .filter_map(|word| FailOn::ALL.into_iter().find(|level| level.word() == word))
            .collect(),
        require: require.cloned().collect(),
    }
}

/// Marks what is suppressed. Mistakes in the file leave everything undecided.
fn suppress(report: &mut Report, arguments: &ArgMatches) -> Result<(), u8> {
    let Some(path) = arguments.get_one::<PathBuf>("suppressions") else {
        return Ok(());
    };
    let undecided = |message: String| {
        tell(&format!("error: {message}"));
        UNDECIDED
    };
    let mut sources = Sources::default();
    let mut sink = Sink::default();
    let known: Vec<&'static Rule> = rules::every().collect();
    let suppressions = suppress::read(path, &known, &mut sources, &mut sink)
        .map_err(|error| undecided(error.to_string()))?;
    let mistakes = sink.into_sorted();
    if !mistakes.is_empty() {
        let colour = wanted_colour(arguments, std::io::stderr().is_terminal());
        for mistake in &mistakes {
            tell_exactly(&format!("{}\n", mistake.render(&sources, colour)));
        }
        return Err(undecided(format!(
            "`{}` has mistakes, so nobody knows what it would hide",
            path.display()
        )));
    }
    let epoch = std::env::var("SOURCE_DATE_EPOCH").ok();
    let today = suppress::today(epoch.as_deref()).map_err(undecided)?;
    suppress::apply(report, &suppressions, today);
    Ok(())
}
