//! A wheel: its tags, and the modules in it.

use std::collections::{BTreeMap, BTreeSet};

use rawzip::FileReader;

use super::binary::Binary;
use super::budget::Budget;
use super::claim::{FileName, Suffix, Tag, metadata_tags, wheel_tags};
use super::container::{Member, Wheel};
use super::judge::finding;
use super::loading::{self, Answer, answer};
use super::module::{Claim, Module};
use super::runtime::Runtime;
use super::slots::Gil;
use super::symbols::Symbols;
use super::{abi3, foreign, loading_of, of_one, rules, subject};
use crate::parallel;
use crate::report::{Gap, Report};

/// The most bytes of the metadata file `WHEEL`.
const METADATA: u64 = 1 << 20;

/// What a wheel is, for a comparison with another.
pub(super) struct Facts {
    /// Its tags.
    pub(super) tags: BTreeSet<Tag>,
    /// Who loads it.
    pub(super) answers: Vec<(Runtime, Answer)>,
    /// Its modules by place and name, without suffixes, and whether free-threaded builds keep their GIL
    /// off with them.
    pub(super) modules: BTreeMap<String, Gil>,
}

/// What is found in one member.
struct Part {
    report: Report,
    /// Of each CPython, in order, what it does; empty where the member is no module.
    answers: Vec<Answer>,
    gil: Option<Gil>,
}

/// Looks at each module of a wheel, at several at once.
pub(super) fn audit(
    given: &str,
    name: &str,
    wheel: &Wheel<FileReader>,
    report: &mut Report,
) -> Result<Facts, String> {
    let symbols = Symbols::known();
    for (member, reason) in &wheel.refused {
        let item = format!("{given}!{member}");
        report
            .findings
            .push(finding(&rules::MEMBER, item, reason.clone()));
    }
    let tags = tags(given, name, wheel, report)?;
    let claim = Claim::of_tags(&tags, symbols);
    report.subjects.push(subject(given, words(&tags)));
    gaps(given, wheel, &claim, symbols, report);
    let mut answers = Vec::from_iter(
        (symbols.runtimes.keys()).map(|runtime| (*runtime, installed(&tags, *runtime))),
    );
    let candidates = wheel.members.iter().filter_map(|(member, place)| {
        let file = member.rsplit('/').next().unwrap_or(member);
        Some((member, place, FileName::parse(file)?))
    });
    let candidates = Vec::from_iter(candidates);
    let parts = parallel::map(&candidates, |(member, place, file)| {
        let path = format!("{given}!{member}");
        of_member(given, path, file, wheel, place, &claim)
    });
    let mut modules = BTreeMap::new();
    for ((member, _, file), part) in candidates.iter().zip(parts) {
        report.absorb(part.report);
        let Some(gil) = part.gil else {
            continue;
        };
        let folder = member.rsplit_once('/').map_or("", |(folder, _)| folder);
        modules.insert(format!("{folder}/{}", file.module), gil);
        for ((_, known), of_this) in answers.iter_mut().zip(part.answers) {
            // Who does not install it does not get so far.
            if !matches!(known, Answer::Refuses(_)) {
                let of_this = match of_this {
                    Answer::Loads => Answer::Loads,
                    Answer::Unknown(why) => Answer::Unknown(format!("{member}: {why}")),
                    Answer::Refuses(why) => Answer::Refuses(format!("{member}: {why}")),
                };
                *known = of_this.max(known.clone());
            }
        }
    }
    if modules.is_empty() && claim.is_stable() && report.failures.is_empty() {
        report.compared += 1;
        let message = "the tags name a stable ABI, and there is no extension module".to_owned();
        report
            .findings
            .push(finding(&rules::HOOKLESS, given.to_owned(), message));
    }
    if !modules.is_empty() {
        report.loading.push(loading_of(given, answers.clone()));
    }
    Ok(Facts {
        tags,
        answers,
        modules,
    })
}

fn of_member(
    given: &str,
    path: String,
    file: &FileName,
    wheel: &Wheel<FileReader>,
    place: &Member,
    claim: &Claim,
) -> Part {
    let symbols = Symbols::known();
    let mut part = Part {
        report: Report::default(),
        answers: Vec::new(),
        gil: None,
    };
    let read = {
        let mut share = Budget::of_all().take(place.size, place.beside());
        let data = wheel.read_into(place, &mut share.memory);
        data.and_then(|data| Binary::read(data, &file.module))
    };
    let module = match read {
        Ok(binaries) => Module {
            path,
            binaries,
            name: file.clone(),
        },
        Err(reason) => {
            part.report.failures.push(format!("`{path}`: {reason}"));
            return part;
        }
    };
    if !module.is_module() {
        return part;
    }
    if let Suffix::Other(_) = module.name.suffix {
        part.report.gaps.push(foreign(&module));
        part.gil = Some(Gil::Unknown("it is of another implementation"));
        return part;
    }
    of_one(&module, claim, &mut part.report);
    let abi3 = abi3::of(&module, claim, given, symbols);
    part.report.abi3.extend(abi3);
    let runtimes = symbols.runtimes.keys();
    let answers = runtimes.map(|runtime| answer(&module, claim, *runtime, symbols));
    part.answers = answers.collect();
    part.gil = Some(gil(&module, symbols));
    part
}

/// What the newest free-threaded build makes of a module.
fn gil(module: &Module, symbols: &Symbols) -> Gil {
    let mut runtimes = symbols.runtimes.keys().rev();
    let newest = runtimes.find(|runtime| runtime.is_free_threaded());
    let slots = newest
        .zip(module.binaries.first())
        .map(|(runtime, binary)| {
            loading::slots(module, binary, *runtime, symbols).gil(binary.sets_gil())
        });
    slots.unwrap_or(Gil::Unsaid)
}

/// The tags of the name, and else of the metadata. The two should be the same.
fn tags(
    given: &str,
    name: &str,
    wheel: &Wheel<FileReader>,
    report: &mut Report,
) -> Result<BTreeSet<Tag>, String> {
    let of_name = wheel_tags(name)?;
    let of_metadata = match metadata(wheel) {
        Some(Ok(tags)) => tags,
        Some(Err(reason)) => {
            report.failures.push(format!("`{given}!WHEEL`: {reason}"));
            BTreeSet::new()
        }
        None => BTreeSet::new(),
    };
    Ok(match of_name {
        Some(of_name) => {
            let differ = !of_metadata.is_empty() && of_metadata != of_name;
            if differ {
                let message = format!(
                    "the name says {}, and the metadata says {}",
                    words(&of_name),
                    words(&of_metadata)
                );
                let found = finding(&rules::METADATA, given.to_owned(), message);
                report.findings.push(found);
            }
            of_name
        }
        None => of_metadata,
    })
}

fn metadata(wheel: &Wheel<FileReader>) -> Option<Result<BTreeSet<Tag>, String>> {
    let mut members = wheel.members.iter();
    let (_, member) = members.find(|(name, _)| {
        let folder = name.strip_suffix(".dist-info/WHEEL");
        folder.is_some_and(|folder| !folder.contains('/'))
    })?;
    if member.size > METADATA {
        return Some(Err(format!("it has more than {METADATA} bytes")));
    }
    let text = wheel.read(member);
    Some(text.and_then(|text| metadata_tags(&String::from_utf8_lossy(&text))))
}

/// As short as a wheel's name has them, where that says the same.
fn words(tags: &BTreeSet<Tag>) -> String {
    let all = |part: fn(&Tag) -> &str| {
        let parts: BTreeSet<&str> = tags.iter().map(part).collect();
        Vec::from_iter(parts).join(".")
    };
    let short = format!(
        "{}-{}-{}",
        all(|tag| &tag.python),
        all(|tag| &tag.abi),
        all(|tag| &tag.platform)
    );
    match Tag::parse(&short) {
        _ if tags.is_empty() => "no tags".to_owned(),
        Ok(Some(same)) if same == *tags => short,
        _ => Vec::from_iter(tags.iter().map(Tag::to_string)).join(", "),
    }
}

/// What is not looked at, and why.
fn gaps(
    given: &str,
    wheel: &Wheel<FileReader>,
    claim: &Claim,
    symbols: &Symbols,
    report: &mut Report,
) {
    if let (Some(floor), Some(newest)) = (claim.floor, symbols.newest())
        && floor > newest
    {
        report.gaps.push(Gap {
            facts: format!("what CPython {floor} exports, which is the floor of {given}"),
            why: format!("{newest} is the newest that this pyshim knows; use a newer one"),
        });
    }
    let names = wheel.members.keys();
    let nested = names.filter(|name| name.ends_with(".whl") || name.ends_with(".zip"));
    report.gaps.extend(nested.map(|name| Gap {
        facts: format!("what is in {given}!{name}"),
        why: "an archive in a wheel is not looked into; audit it by itself".to_owned(),
    }));
}

/// Whether installers take the wheel for a CPython.
fn installed(tags: &BTreeSet<Tag>, runtime: Runtime) -> Answer {
    // A file without tags says nothing.
    match tags.is_empty() || tags.iter().any(|tag| tag.is_for(runtime)) {
        true => Answer::Loads,
        false => Answer::Refuses("installers do not take the wheel for it".to_owned()),
    }
}
