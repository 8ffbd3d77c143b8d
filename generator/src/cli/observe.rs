//! `pyshim observe`: snapshots of CPythons and of libraries.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

#[cfg(feature = "clang")]
use super::libclang;
use super::{CLEAN, UNDECIDED, find_manifest, say, tell};
use crate::observe::cache::Cache;
use crate::observe::names::Names;
use crate::observe::session::{Observation, Options, Session};
use crate::observe::subject::Subject;
use crate::observe::{Failure, Trouble, find, process, python};
use crate::surface::{Evidence, write};
use crate::write::put;
use crate::{parallel, read};

/// The arguments of commands that observe CPythons.
pub(super) fn shared() -> Vec<Arg> {
    vec![
        path(
            "python",
            "PYTHON",
            "An interpreter to observe: 3.15t, or its path; may be repeated",
        )
        .action(ArgAction::Append),
        Arg::new("all")
            .long("all")
            .action(ArgAction::SetTrue)
            .help("Observe every CPython on PATH, of pyenv's, and in pyshim's cache folder"),
    ]
    .into_iter()
    .chain(tools())
    .collect()
}

/// The arguments that say how to observe.
pub(super) fn tools() -> [Arg; 4] {
    [
        Arg::new("oracle")
            .long("oracle")
            .value_name("ORACLE")
            .value_parser(["probe", "clang", "symbols"])
            .action(ArgAction::Append)
            .help("Ask only this oracle; may be repeated [default: all that are there]"),
        Arg::new("cc")
            .long("cc")
            .value_name("COMMAND")
            .help("The C compiler, with options [default: $CC, or cc]"),
        Arg::new("no-cache")
            .long("no-cache")
            .action(ArgAction::SetTrue)
            .help("Ask compilers again what they were asked before"),
        Arg::new("timeout")
            .long("timeout")
            .value_name("SECONDS")
            .value_parser(value_parser!(u64).range(1..=86_400))
            .help("How long an interpreter, a compiler or libclang may take each time that it is asked [default: 30]"),
    ]
}

fn path(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .value_name(value)
        .value_parser(value_parser!(PathBuf))
        .help(help)
}

/// The command's arguments.
pub(super) fn command() -> Command {
    Command::new("observe")
        .about("Look at CPythons or at a library, and print or write what is seen as a snapshot")
        .after_help(
            "Exit codes: 0 clean, 2 usage, 3 could not decide, among which is that oracles disagree.",
        )
        .args(shared())
        .arg(
            path("include", "DIR", "A folder of headers; may be repeated").action(ArgAction::Append),
        )
        .arg(
            Arg::new("header")
                .long("header")
                .value_name("NAME")
                .action(ArgAction::Append)
                .help("A header of a library; may be repeated [default with --include: Python.h]"),
        )
        .arg(path("library", "FILE", "The executable or shared object that exports"))
        .arg(
            Arg::new("stable-abi")
                .long("stable-abi")
                .action(ArgAction::SetTrue)
                .help("Everything that limited APIs declare and that CPythons export, not only what the manifest names"),
        )
        .arg(path("manifest", "DIR", "The manifest folder that names what is looked at [default: abi, here or in a folder above]"))
        .arg(path("out", "DIR", "Write a file for each into this folder [default: print it]"))
}

/// The options that are shared.
pub(super) fn options(arguments: &ArgMatches, everything: bool) -> Options {
    let oracles = arguments.get_many::<String>("oracle").into_iter().flatten();
    let named = arguments.get_one::<String>("cc").cloned();
    let environment = || {
        std::env::var("CC")
            .ok()
            .filter(|text| !text.trim().is_empty())
    };
    Options {
        oracles: oracles
            .filter_map(|word| Evidence::ALL.into_iter().find(|kind| kind.word() == word))
            .collect(),
        compiler: named
            .or_else(environment)
            .unwrap_or_else(|| "cc".to_owned()),
        cache: match arguments.get_flag("no-cache") {
            true => Cache::none(),
            false => Cache::from_environment(),
        },
        everything,
        patience: patience(arguments),
        #[cfg(feature = "clang")]
        apart: libclang::apart(patience(arguments)),
    }
}

fn patience(arguments: &ArgMatches) -> Duration {
    let seconds = arguments.get_one::<u64>("timeout").copied();
    seconds.map_or(process::PATIENCE, Duration::from_secs)
}

/// The interpreters that are named, or all that are found.
pub(super) fn interpreters(arguments: &ArgMatches) -> Result<Vec<python::Interpreter>, Failure> {
    let mut pythons = Vec::new();
    for path in arguments
        .get_many::<PathBuf>("python")
        .into_iter()
        .flatten()
    {
        pythons.push(find::named(path, patience(arguments))?);
    }
    if arguments.get_flag("all") {
        pythons.extend(find::find(patience(arguments)));
        if pythons.is_empty() {
            return Err(Failure::new(
                Trouble::Nothing,
                "no CPython is on PATH, pyenv's, or in the cache folder",
                "name one with --python, or install one",
            ));
        }
    }
    Ok(pythons)
}

/// Runs the command.
pub(super) fn run(arguments: &ArgMatches) -> u8 {
    match observe(arguments) {
        Ok(code) => code,
        Err(failure) => {
            tell(&failure.to_string());
            UNDECIDED
        }
    }
}

fn observe(arguments: &ArgMatches) -> Result<u8, Failure> {
    let subjects = subjects(arguments)?;
    let of_library = subjects.iter().all(Subject::is_library);
    let manifest = match of_library {
        true => None,
        false => named_in_manifest(arguments)?,
    };
    // Where nothing says what is of interest, everything is.
    let everything = arguments.get_flag("stable-abi") || manifest.is_none();
    let session = Session::new(options(arguments, everything));
    let mut names = manifest.unwrap_or_default();
    // All are asked about what any of them has, so that what is absent in one was looked for.
    let prepared = parallel::map(&subjects, |subject| session.prepare(subject));
    let prepared: Vec<_> = prepared.into_iter().collect::<Result<_, _>>()?;
    for one in &prepared {
        names.merge(one.names.clone());
    }
    let observed = parallel::map(&prepared, |one| session.observe(one, &names));
    let mut code = CLEAN;
    let mut texts = BTreeMap::new();
    for (subject, observation) in subjects.iter().zip(observed) {
        let observation = observation?;
        code = code.max(complain(subject, &observation));
        let text = write::write(&observation.surface);
        if texts.insert(subject.file.clone(), text).is_some() {
            return Err(Failure::new(
                Trouble::Nothing,
                format!("two subjects are called `{}`", subject.file),
                "observe them in two runs, into two folders",
            ));
        }
    }
    deliver(arguments, &texts)?;
    Ok(code)
}

/// What is named on the command line.
fn subjects(arguments: &ArgMatches) -> Result<Vec<Subject>, Failure> {
    let pythons = interpreters(arguments)?;
    let mut subjects: Vec<Subject> = pythons.iter().map(Subject::of_python).collect();
    let many = |name| arguments.get_many(name).into_iter().flatten().cloned();
    let include: Vec<PathBuf> = many("include").collect();
    let headers: Vec<String> = arguments
        .get_many("header")
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    let library = arguments
        .get_one::<PathBuf>("library")
        .map(PathBuf::as_path);
    if headers.iter().any(|name| name != "Python.h") || (include.is_empty() && library.is_some()) {
        subjects.push(Subject::of_library(&include, &headers, library)?);
    } else if !include.is_empty() {
        subjects.push(Subject::of_cross_python(&include, library)?);
    }
    if subjects.is_empty() {
        return Err(Failure::new(
            Trouble::Nothing,
            "nothing to observe is named",
            "name interpreters with --python or --all, or a library with --header and --library",
        ));
    }
    Ok(subjects)
}

/// The names of CPython's that a manifest has, if there is one.
fn named_in_manifest(arguments: &ArgMatches) -> Result<Option<Names>, Failure> {
    let given = arguments.get_one::<PathBuf>("manifest").cloned();
    let Some(folder) = given.or_else(find_manifest) else {
        return Ok(None);
    };
    let broken = |what: String| {
        Failure::new(
            Trouble::File,
            what,
            "`pyshim check` says what is wrong with a manifest",
        )
    };
    let reading = read(&folder).map_err(|problem| broken(problem.to_string()))?;
    match reading.model {
        Some(model) if reading.diagnostics.is_empty() => Ok(Some(Names::of_interest(&model))),
        _ => Err(broken(format!(
            "the manifest in `{}` is invalid",
            folder.display()
        ))),
    }
}

/// Says what was not asked, and on what oracles differ.
pub(super) fn complain(subject: &Subject, observation: &Observation) -> u8 {
    let mut said = BTreeSet::new();
    for (oracle, failure) in &observation.missing {
        if said.insert(oracle) {
            tell(&format!(
                "note: {} without {}: {}",
                subject.name,
                oracle.word(),
                failure.message
            ));
        }
    }
    if observation.disagreements.is_empty() {
        return CLEAN;
    }
    for disagreement in &observation.disagreements {
        tell(&format!(
            "error[{}]: {}: {disagreement}",
            Trouble::Disagreement.code(),
            subject.name
        ));
    }
    let count = observation.disagreements.len();
    tell(&format!(
        "oracles disagree on {count} {} of {}; none of them is believed",
        if count == 1 { "fact" } else { "facts" },
        subject.name
    ));
    UNDECIDED
}

fn deliver(arguments: &ArgMatches, texts: &BTreeMap<String, String>) -> Result<(), Failure> {
    let Some(folder) = arguments.get_one::<PathBuf>("out") else {
        for text in texts.values() {
            say(text.trim_end());
        }
        return Ok(());
    };
    for (name, text) in texts {
        let path = folder.join(name);
        let changed = put(&path, text)
            .map_err(|problem| Failure::file("write", &problem.path, &problem.error))?;
        say(&format!(
            "{} {}",
            if changed { "wrote" } else { "unchanged" },
            path.display()
        ));
    }
    Ok(())
}
