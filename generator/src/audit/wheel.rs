//! A wheel: its tags, and the modules in it.

use std::collections::BTreeSet;

use super::binary::Binary;
use super::claim::{FileName, Suffix, Tag, metadata_tags, wheel_tags};
use super::container::{Member, Wheel};
use super::judge::{finding, judge};
use super::loading::{Answer, answer};
use super::module::{Claim, Module};
use super::runtime::Runtime;
use super::symbols::Symbols;
use super::{declare, foreign, loading_of, rules, subject};
use crate::report::{Gap, Report};

/// The most bytes of the metadata file `WHEEL`.
const METADATA: u64 = 1 << 20;

/// Looks at each module of a wheel.
pub(super) fn audit(
    given: &str,
    name: &str,
    data: &[u8],
    report: &mut Report,
) -> Result<(), String> {
    let symbols = Symbols::known();
    let wheel = Wheel::open(data)?;
    for (member, reason) in &wheel.refused {
        let item = format!("{given}!{member}");
        report
            .findings
            .push(finding(&rules::MEMBER, item, reason.clone()));
    }
    let tags = tags(given, name, &wheel, report);
    let claim = Claim::of_tags(&tags, symbols);
    report.subjects.push(subject(given, words(&tags)));
    gaps(given, &wheel, &claim, symbols, report);
    let mut answers = Vec::from_iter(
        (symbols.runtimes.keys()).map(|runtime| (*runtime, installed(&tags, *runtime))),
    );
    let mut modules = 0;
    for (member, place) in &wheel.members {
        let module = match read(given, member, place, &wheel) {
            Ok(Some(module)) => module,
            Ok(None) => continue,
            Err(reason) => {
                report
                    .failures
                    .push(format!("`{given}!{member}`: {reason}"));
                continue;
            }
        };
        modules += 1;
        if let Suffix::Other(_) = module.name.suffix {
            report.gaps.push(foreign(&module));
            continue;
        }
        let found = judge(&module, &claim, symbols, &mut report.compared);
        report.findings.extend(found);
        declare(&mut report.declared, &module);
        for (runtime, known) in &mut answers {
            // Who does not install it does not get so far.
            if !matches!(known, Answer::Refuses(_)) {
                let of_this = match answer(&module, &claim, *runtime, symbols) {
                    Answer::Loads => Answer::Loads,
                    Answer::Unknown(why) => Answer::Unknown(format!("{member}: {why}")),
                    Answer::Refuses(why) => Answer::Refuses(format!("{member}: {why}")),
                };
                *known = of_this.max(known.clone());
            }
        }
    }
    if modules == 0 && claim.is_stable() {
        report.compared += 1;
        let message = "the tags name a stable ABI, and there is no extension module".to_owned();
        report
            .findings
            .push(finding(&rules::HOOKLESS, given.to_owned(), message));
    }
    if modules > 0 {
        report.loading.push(loading_of(given, answers));
    }
    Ok(())
}

/// The tags of the name, and else of the metadata. The two should be the same.
fn tags(given: &str, name: &str, wheel: &Wheel<'_>, report: &mut Report) -> BTreeSet<Tag> {
    let of_name = wheel_tags(name);
    let of_metadata = match metadata(wheel) {
        Some(Ok(tags)) => tags,
        Some(Err(reason)) => {
            report.failures.push(format!("`{given}!WHEEL`: {reason}"));
            BTreeSet::new()
        }
        None => BTreeSet::new(),
    };
    match of_name {
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
    }
}

fn metadata(wheel: &Wheel<'_>) -> Option<Result<BTreeSet<Tag>, String>> {
    let mut members = wheel.members.iter();
    let (_, member) = members.find(|(name, _)| {
        let folder = name.strip_suffix(".dist-info/WHEEL");
        folder.is_some_and(|folder| !folder.contains('/'))
    })?;
    if member.size > METADATA {
        return Some(Err(format!("it has more than {METADATA} bytes")));
    }
    let text = wheel.read(member);
    Some(text.map(|text| metadata_tags(&String::from_utf8_lossy(&text))))
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
        Some(same) if same == *tags => short,
        _ => Vec::from_iter(tags.iter().map(Tag::to_string)).join(", "),
    }
}

/// What is not looked at, and why.
fn gaps(given: &str, wheel: &Wheel<'_>, claim: &Claim, symbols: &Symbols, report: &mut Report) {
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

/// A member as a module, if it is one.
fn read(
    given: &str,
    name: &str,
    member: &Member,
    wheel: &Wheel<'_>,
) -> Result<Option<Module>, String> {
    let file = name.rsplit('/').next().unwrap_or(name);
    let Some(file) = FileName::parse(file) else {
        return Ok(None);
    };
    let data = wheel.read(member)?;
    let module = Module {
        path: format!("{given}!{name}"),
        binaries: Binary::read(&data, &file.module)?,
        name: file,
    };
    Ok(module.is_module().then_some(module))
}
