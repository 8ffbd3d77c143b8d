//! `pyshim verify`: every fact of the manifest against CPythons.

use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command, value_parser};

use super::observe::{complain, interpreters, options, shared};
use super::{CLEAN, UNDECIDED, find_manifest, reporting, tell};
use crate::observe::names::Names;
use crate::observe::session::Session;
use crate::observe::subject::Subject;
use crate::observe::{Failure, Trouble};
use crate::report::{self, Report};
use crate::{parallel, read, verify};

/// The command's arguments.
pub(super) fn command() -> Command {
    Command::new("verify")
        .about("Compare every fact of the manifest about CPython with CPythons")
        .after_help(
            "Exit codes: 0 clean, 1 a fact is wrong, 2 usage, 3 could not decide, among which is \
             that oracles disagree.",
        )
        .args(shared())
        .arg(
            Arg::new("manifest")
                .long("manifest")
                .value_name("DIR")
                .value_parser(value_parser!(PathBuf))
                .help("The manifest folder [default: abi, here or in a folder above]"),
        )
        .args(reporting::arguments())
}

/// Runs the command.
pub(super) fn run(arguments: &ArgMatches) -> u8 {
    match run_or_fail(arguments) {
        Ok(code) => code,
        Err(failure) => {
            tell(&failure.to_string());
            UNDECIDED
        }
    }
}

fn run_or_fail(arguments: &ArgMatches) -> Result<u8, Failure> {
    let given = arguments.get_one::<PathBuf>("manifest").cloned();
    let manifest = given.or_else(find_manifest).ok_or_else(|| {
        Failure::new(
            Trouble::Nothing,
            "no manifest folder `abi` is here or in a folder above",
            "name one with --manifest",
        )
    })?;
    let invalid = |what: String| {
        Failure::new(
            Trouble::File,
            what,
            "`pyshim check` says what is wrong with a manifest",
        )
    };
    let reading = read(&manifest).map_err(|problem| invalid(problem.to_string()))?;
    let model = match &reading.model {
        Some(model) if reading.diagnostics.is_empty() => model,
        _ => {
            return Err(invalid(format!(
                "the manifest in `{}` is invalid",
                manifest.display()
            )));
        }
    };
    let pythons = interpreters(arguments)?;
    if pythons.is_empty() {
        return Err(Failure::new(
            Trouble::Nothing,
            "no CPython is named",
            "name interpreters with --python, or all of this machine with --all",
        ));
    }
    let names = Names::of_model(model);
    let session = Session::new(options(arguments, false));
    let mut report = Report::default();
    let mut code = CLEAN;
    let subjects: Vec<Subject> = pythons.iter().map(Subject::of_python).collect();
    let observed = parallel::map(&subjects, |subject| {
        session.observe(&session.prepare(subject)?, &names)
    });
    for ((python, subject), observation) in pythons.iter().zip(subjects).zip(observed) {
        let observation = observation?;
        code = code.max(complain(&subject, &observation));
        let evidence = observation.surface.about.evidence.iter();
        report.subjects.push(report::Subject {
            given: python.executable.display().to_string(),
            name: subject.name,
            evidence: evidence.map(|kind| kind.word().to_owned()).collect(),
        });
        verify::verify(
            model,
            &reading.sources,
            (python.version, python.build),
            &observation.surface,
            &mut report,
        );
    }
    Ok(code.max(reporting::finish(report, arguments)))
}
