//! Modules that are imported, each in a process of its own: whether that works, and what becomes of
//! the GIL.
//!
//! This is the one part of an audit that runs what it looks at, and the one that writes: a wheel is
//! unpacked into a temporary folder, which is removed.

mod unpacked;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::judge::{finding, labels};
use super::machine::Machine;
use super::runtime::Runtime;
use super::{input, rules};
use crate::model::when::Os;
use crate::observe::process::{self, Limits, Output, excerpt};
use crate::observe::python::Interpreter;
use crate::parallel;
use crate::report::{Gap, Loading, LoadingRow, Report, Rule};
use unpacked::{Importable, Unpacked};

const SCRIPT: &str = include_str!("child.py");
/// What a module may print.
const LONGEST: usize = 1 << 20;

/// How long an import may take, where nobody says.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// What the script prints.
#[derive(Deserialize)]
struct Answer {
    before: bool,
    after: bool,
    error: Option<String>,
    lacks: Option<String>,
}

/// What the script prints before: of each module that is not there, and nothing when it looks for another.
#[derive(Deserialize)]
struct Missing {
    met: Option<String>,
}

/// What has to be installed first; of a process that did not live to say it, the last that it looked for.
fn lacks(answer: Option<&Answer>, said: &str) -> Option<String> {
    match answer {
        Some(answer) => answer.lacks.clone(),
        None => {
            let mut lines = said.lines().rev();
            let missing: Option<Missing> = lines.find_map(|line| serde_json::from_str(line).ok());
            missing.and_then(|missing| missing.met)
        }
    }
}

/// What became of one import; the worst last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Imports,
    SwitchesGilOn,
    Unknown(String),
    Fails(String),
    Hangs(String),
    Crashes(String),
}

impl Outcome {
    /// Its word, and why.
    fn words(&self) -> (&'static str, String) {
        match self {
            Outcome::Imports => ("imports", String::new()),
            Outcome::SwitchesGilOn => ("imports", "and switches the GIL on".to_owned()),
            Outcome::Unknown(why) => ("unknown", why.clone()),
            Outcome::Fails(why) => ("fails", why.clone()),
            Outcome::Hangs(why) => ("hangs", why.clone()),
            Outcome::Crashes(why) => ("crashes", why.clone()),
        }
    }

    fn rule(&self) -> Option<&'static Rule> {
        match self {
            Outcome::Imports | Outcome::Unknown(_) => None,
            Outcome::SwitchesGilOn => Some(&rules::IMPORT_GIL),
            Outcome::Fails(_) => Some(&rules::IMPORT_FAILS),
            Outcome::Hangs(_) => Some(&rules::IMPORT_HANGS),
            Outcome::Crashes(_) => Some(&rules::IMPORT_CRASHES),
        }
    }
}

/// Imports every module of the files and of those in folders with each interpreter that they are for.
pub fn check(paths: &[PathBuf], pythons: &[Interpreter], patience: Duration, report: &mut Report) {
    // Which folders cannot be read, the audit has said.
    for file in paths.iter().flat_map(|path| input::expand(path).files) {
        if let Err(reason) = of_file(&file, pythons, patience, report) {
            let given = file.display();
            report
                .failures
                .push(format!("`{given}` cannot be imported from: {reason}"));
        }
    }
}

fn of_file(
    file: &Path,
    pythons: &[Interpreter],
    patience: Duration,
    report: &mut Report,
) -> Result<(), String> {
    let unpacked = Unpacked::new(file)?;
    let given = file.display().to_string();
    let modules = unpacked.modules();
    let promised = pythons.iter().filter(|python| unpacked.is_for(python));
    let promised = Vec::from_iter(promised);
    let jobs = promised.iter().flat_map(|python| {
        let modules = modules.iter().filter(|one| one.is_for(python));
        modules.map(move |one| (*python, one))
    });
    let jobs = Vec::from_iter(jobs);
    if jobs.is_empty() {
        report.gaps.push(Gap {
            facts: format!("importing {given}"),
            why: "it has no module for any of the interpreters".to_owned(),
        });
        return Ok(());
    }
    report.compared += jobs.len();
    let outcomes = parallel::map(&jobs, |(python, module)| {
        import(&unpacked, module, python, patience)
    });
    let mut rows: Vec<(Outcome, Vec<Runtime>)> = Vec::new();
    for python in promised {
        let runtime = runtime(python);
        let of_this = jobs
            .iter()
            .zip(&outcomes)
            .filter(|((one, _), _)| *one == python);
        let mut worst = Outcome::Imports;
        for ((_, module), outcome) in of_this {
            say(report, &given, module, runtime, outcome);
            worst = worst.max(outcome.clone());
        }
        match rows.iter_mut().find(|(outcome, _)| *outcome == worst) {
            Some((_, runtimes)) => runtimes.push(runtime),
            None => rows.push((worst, vec![runtime])),
        }
    }
    let rows = rows.into_iter().map(|(outcome, runtimes)| {
        let (word, why) = outcome.words();
        let pythons = labels(&runtimes);
        LoadingRow { pythons, word, why }
    });
    report.imported.push(Loading {
        subject: given,
        rows: rows.collect(),
    });
    Ok(())
}

fn runtime(python: &Interpreter) -> Runtime {
    Runtime {
        version: python.version,
        build: python.build,
    }
}

/// Puts an outcome where it belongs.
fn say(report: &mut Report, given: &str, module: &Importable, runtime: Runtime, outcome: &Outcome) {
    let item = format!("{given}!{}: {runtime}", module.member);
    match (outcome.rule(), outcome) {
        (Some(rule), _) => {
            let (word, why) = outcome.words();
            let message = format!("`import {}` {word}: {why}", module.name);
            report.findings.push(finding(rule, item, message));
        }
        (None, Outcome::Unknown(why)) => report.gaps.push(Gap {
            facts: format!("importing {item}"),
            why: why.clone(),
        }),
        // A function of the module may have written into its slots before CPython read them.
        _ if runtime.is_free_threaded() && *outcome == Outcome::Imports => {
            let of_it = format!("{given}!{}", module.member);
            report.findings.retain(|one| {
                !std::ptr::eq(one.rule, &rules::GIL) || one.item != of_it && one.item != given
            });
        }
        _ => {}
    }
}

/// How a module is imported.
#[derive(Clone, Copy)]
enum How {
    /// As its name says, with the packages that it is in.
    Named,
    /// Without them, in a process where nothing of them was imported.
    Alone,
}

/// What a package does before it imports its module need not be the module's fault.
fn import(
    unpacked: &Unpacked,
    module: &Importable,
    python: &Interpreter,
    time: Duration,
) -> Outcome {
    let run = |how| import_as(how, unpacked, module, python, time);
    match run(How::Named) {
        (first, true) => match (first, run(How::Alone).0) {
            (first @ Outcome::Unknown(_), Outcome::Unknown(_) | Outcome::Fails(_))
            | (first @ Outcome::Fails(_), Outcome::Fails(_)) => first,
            (_, second) => second,
        },
        (outcome, false) => outcome,
    }
}

/// What became of it, and whether it lived to say that it failed.
fn import_as(
    how: How,
    unpacked: &Unpacked,
    module: &Importable,
    python: &Interpreter,
    time: Duration,
) -> (Outcome, bool) {
    let mut command = Command::new(&python.named);
    // -I: neither the environment nor the current folder changes what is found, nor what the GIL does.
    command.args(["-I", "-B", "-W", "ignore", "-c", SCRIPT]);
    command.arg(match how {
        How::Named => "named",
        How::Alone => "alone",
    });
    command
        .arg(&module.name)
        .arg(&module.file)
        .args(&module.roots)
        .current_dir(unpacked.folder());
    let start = Instant::now();
    let bytes = LONGEST;
    let output = match process::run(&mut command, Limits { time, bytes }) {
        Ok(output) => output,
        Err(_) if start.elapsed() >= time => {
            let hangs = Outcome::Hangs(format!("it was ended after {} s", time.as_secs_f32()));
            return (hangs, false);
        }
        Err(failure) => return (Outcome::Unknown(failure.to_string()), false),
    };
    let line = output.stdout.lines().last().unwrap_or_default();
    let answer: Option<Answer> = serde_json::from_str(line).ok();
    let has_failed = matches!(&answer, Some(answer) if answer.error.is_some());
    (outcome(unpacked, &output, answer), has_failed)
}

fn outcome(unpacked: &Unpacked, output: &Output, answer: Option<Answer>) -> Outcome {
    if let Some(what) = lacks(answer.as_ref(), &output.stdout) {
        return Outcome::Unknown(format!("`{what}` has to be installed first"));
    }
    if let Some(signal) = signal(output.status) {
        return Outcome::Crashes(format!("signal {signal} ended it"));
    }
    match answer {
        None => {
            let said = excerpt(&unpacked.in_wheel(&output.stderr));
            Outcome::Fails(format!("it ended with {}, and said {said}", output.status))
        }
        Some(Answer {
            error: Some(error), ..
        }) => Outcome::Fails(excerpt(&unpacked.in_wheel(&error))),
        Some(Answer {
            before: false,
            after: true,
            ..
        }) => Outcome::SwitchesGilOn,
        Some(_) => Outcome::Imports,
    }
}

/// The signal that ended a process.
fn signal(status: ExitStatus) -> Option<i32> {
    #[cfg(unix)]
    return std::os::unix::process::ExitStatusExt::signal(&status);
    // Windows ends a process that crashes with the number of an exception.
    #[cfg(not(unix))]
    return status.code().filter(|code| *code < 0);
}

/// Whether an interpreter is what the platform of a tag names: `linux-x86_64` fits
/// `manylinux_2_28_x86_64`, where its C library is that.
pub(crate) fn is_of_platform(platform: &str, python: &Interpreter) -> bool {
    // Tags have what the interpreter says, with other characters.
    let own = python.platform.replace(['-', '.'], "_");
    let is_libc = match () {
        () if platform.starts_with("musllinux") => python.musl,
        () if platform.starts_with("manylinux") => !python.musl,
        () => true,
    };
    let machines = Machine::of_platform(&own);
    let is_os = Os::of_platform(platform).is_some_and(|os| Os::of_platform(&own) == Some(os));
    let is_machine = !machines.is_disjoint(&Machine::of_platform(platform));
    platform == "any" || is_os && is_libc && is_machine
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::is_of_platform;
    use crate::model::version::Version;
    use crate::model::when::Build;
    use crate::observe::python::Interpreter;

    fn python(platform: &str, musl: bool) -> Interpreter {
        Interpreter {
            version: Version {
                major: 3,
                minor: 13,
            },
            hex: 0,
            exact: String::new(),
            build: Build::Gil,
            debug: false,
            pointer: 8,
            platform: platform.to_owned(),
            musl,
            named: PathBuf::new(),
            executable: PathBuf::new(),
            library: PathBuf::new(),
            include_dirs: Vec::new(),
            header_version: String::new(),
            suffixes: Vec::new(),
        }
    }

    #[test]
    fn an_interpreter_is_of_the_platforms_that_it_runs_on() {
        let all = [
            "any",
            "manylinux_2_28_x86_64",
            "manylinux2014_aarch64",
            "musllinux_1_2_x86_64",
            "linux_x86_64",
            "macosx_11_0_arm64",
            "macosx_10_13_x86_64",
            "macosx_10_9_universal2",
            "win32",
            "win_amd64",
            "win_arm64",
            "ios_13_0_arm64_iphoneos",
        ];
        for (own, musl, fits) in [
            ("linux-x86_64", false, &[0, 1, 4][..]),
            ("linux-x86_64", true, &[0, 3, 4]),
            ("macosx-10.13-universal2", false, &[0, 5, 6, 7]),
            ("macosx-11.0-arm64", false, &[0, 5, 7]),
            ("win32", false, &[0, 8]),
            ("win-amd64", false, &[0, 9]),
        ] {
            let python = python(own, musl);
            let fit = all.iter().filter(|one| is_of_platform(one, &python));
            let wanted = fits.iter().map(|one| &all[*one]);
            assert_eq!(Vec::from_iter(fit), Vec::from_iter(wanted), "{own}");
        }
    }
}
