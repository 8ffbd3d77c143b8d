//! Whether extension modules keep the ABI that they claim, and which CPythons load them.
//!
//! ```text
//! file ─input─▶ wheel ─container─▶ member ─binary─▶ hooks and imports ┐
//!               tags  ─claim──────────────────────▶ what is promised ─┴judge─▶ findings
//!                                                                      loading─▶ who loads it
//! ```

mod abi3;
mod attempt;
pub mod binary;
mod budget;
mod buffer;
pub mod claim;
pub mod compare;
pub mod container;
mod group;
pub mod imports;
pub mod inflate;
mod input;
pub mod judge;
mod linked;
pub mod loading;
pub mod machine;
pub mod module;
pub mod needed;
pub mod rules;
pub mod runtime;
pub mod slots;
pub mod symbols;
mod unread;
mod wheel;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::parallel;
use crate::report::{Declared, Gap, Loading, LoadingRow, Report, Subject};
use binary::Binary;
use budget::Budget;
use claim::{FileName, Suffix};
use inflate::Needs;
use input::Opened;
use loading::Answer;
use module::{Claim, Module};
use runtime::Runtime;
use symbols::Symbols;
use wheel::Facts;

/// Looks at files, and at what is in folders and wheels.
#[must_use]
pub fn audit(paths: &[PathBuf]) -> Report {
    each(paths).into_iter().map(|file| file.report).collect()
}

/// What is to be said of one file.
#[derive(Clone, Debug)]
pub struct Audited {
    /// The file, as the user named it or its folder.
    pub given: String,
    /// All that was found in it, and nothing else.
    pub report: Report,
}

/// The same, file by file.
#[must_use]
pub fn each(paths: &[PathBuf]) -> Vec<Audited> {
    let mut all = Vec::new();
    let mut files = Vec::new();
    for path in paths {
        let found = input::expand(path);
        files.extend(found.files);
        all.extend(found.failures.into_iter().map(|(folder, error)| Audited {
            given: folder.display().to_string(),
            report: Report {
                failures: vec![format!("`{}`: {error}", folder.display())],
                ..Report::default()
            },
        }));
    }
    let size = |path: &PathBuf| path.metadata().map_or(0, |about| about.len());
    all.extend(parallel::map_largest_first(&files, size, |path| Audited {
        given: path.display().to_string(),
        report: of_file(path).0,
    }));
    all
}

/// What is to be said of a file, and of a wheel what it is.
fn of_file(path: &Path) -> (Report, Option<Facts>) {
    let given = path.display().to_string();
    let mut report = Report::default();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let outcome = input::open(path).and_then(|opened| match opened {
        Opened::Archive(wheel) => wheel::audit(&given, &name, &wheel, &mut report).map(Some),
        Opened::Module(name, file, size) => {
            let mut share = Budget::of_all().take(Needs::of(size));
            let data = input::read(file, size, &mut share.memory)?;
            of_module(&given, name, data, &mut report).map(|()| None)
        }
    });
    match outcome {
        Ok(facts) => (report, facts),
        Err(reason) => {
            report.failures.push(format!("`{given}`: {reason}"));
            (report, None)
        }
    }
}

/// A module by itself promises what its suffix does.
fn of_module(given: &str, name: FileName, data: &[u8], report: &mut Report) -> Result<(), String> {
    let symbols = Symbols::known();
    let claim = Claim::of_suffix(&name.suffix);
    let module = Module {
        path: given.to_owned(),
        binaries: Binary::read(data, &name.hook(given))?,
        name,
        libraries: BTreeSet::new(),
    };
    if let Suffix::Other(_) = module.name.suffix {
        report.gaps.push(foreign(&module));
        return Ok(());
    }
    if !module.name.is_of_known_platform() {
        report.gaps.push(elsewhere(given, &module.name.end));
        return Ok(());
    }
    report
        .subjects
        .push(subject(given, module.name.suffix.to_string()));
    if claim.is_stable() {
        report.gaps.push(Gap {
            facts: format!("the floor of {given}"),
            why: "a suffix says no version; audit the wheel, whose tag does".to_owned(),
        });
    }
    of_one(&module, &claim, report);
    report
        .abi3
        .extend(abi3::of(&module, &claim, given, symbols));
    let answers = symbols.runtimes.keys();
    let answers = answers.map(|one| (*one, loading::answer(&module, &claim, *one, symbols)));
    report.loading.push(loading_of(given, answers.collect()));
    Ok(())
}

/// What is found in one module, and what it says of itself.
fn of_one(module: &Module, claim: &Claim, report: &mut Report) {
    let findings = judge::judge(module, claim, Symbols::known(), &mut report.compared);
    report.findings.extend(findings);
    let says: BTreeSet<String> = module.binaries.iter().map(Binary::says).collect();
    let says = Vec::from_iter(says).join("; ");
    if !says.is_empty() {
        report.declared.push(Declared {
            says,
            modules: vec![module.path.clone()],
        });
    }
}

/// A module of another implementation, or of a debug build.
fn foreign(module: &Module) -> Gap {
    Gap {
        facts: module.path.clone(),
        why: format!(
            "its suffix says {}, which is no CPython that is known here",
            module.name.suffix
        ),
    }
}

/// What is for a system of which nothing was observed, such as iOS.
fn elsewhere(given: &str, says: &str) -> Gap {
    Gap {
        facts: given.to_owned(),
        why: format!("`{says}` is of a platform that is not known here"),
    }
}

fn subject(given: &str, name: String) -> Subject {
    Subject {
        given: given.to_owned(),
        name,
        evidence: vec!["symbols".to_owned()],
    }
}

/// Answers that are the same are one row, in the order of the first.
fn loading_of(given: &str, answers: Vec<(Runtime, Answer)>) -> Loading {
    let mut groups: Vec<(Answer, Vec<Runtime>)> = Vec::new();
    for (runtime, answer) in answers {
        match groups.iter_mut().find(|(known, _)| *known == answer) {
            Some((_, runtimes)) => runtimes.push(runtime),
            None => groups.push((answer, vec![runtime])),
        }
    }
    let rows = groups.into_iter().map(|(answer, runtimes)| {
        let (word, why) = match answer {
            Answer::Loads => ("loads", String::new()),
            Answer::Unknown(why) => ("unknown", why),
            Answer::Refuses(why) => ("refuses", why),
        };
        LoadingRow {
            pythons: judge::labels(&runtimes),
            word,
            why,
        }
    });
    Loading {
        subject: given.to_owned(),
        rows: rows.collect(),
    }
}
