//! A wheel: its tags, and the modules in it.

use std::collections::{BTreeMap, BTreeSet};

use rawzip::FileReader;

use super::attempt::Attempt;
use super::binary::Binary;
use super::budget::Budget;
use super::claim::{FileName, Suffix, Tag, metadata_tags, wheel_tags};
use super::container::{Member, Wheel, bombs};
use super::group::Group;
use super::inflate::Needs;
use super::judge::{self, finding};
use super::linked::{Libraries, last};
use super::loading::{Answer, answer};
use super::module::{Claim, Module};
use super::runtime::Runtime;
use super::slots::Gil;
use super::symbols::Symbols;
use super::{abi3, elsewhere, foreign, loading_of, of_one, rules, subject};
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

/// What is found in the files of one module.
struct Part {
    report: Report,
    /// Of each CPython, in order, what it does.
    answers: Vec<Answer>,
    gil: Gil,
}

/// Looks at each module of a wheel, at several at once.
pub(super) fn audit(
    given: &str,
    name: &str,
    wheel: &Wheel<FileReader>,
    report: &mut Report,
) -> Result<Facts, String> {
    for (member, reason) in &wheel.refused {
        let item = format!("{given}!{member}");
        report
            .findings
            .push(finding(&rules::MEMBER, item, reason.clone()));
    }
    let tags = tags(given, name, wheel, report)?;
    report.subjects.push(subject(given, words(&tags)));
    let mut files = Vec::new();
    for (member, read) in read(given, wheel) {
        match read {
            Ok(module) => files.push((member, module)),
            Err(failure) => report.failures.push(failure),
        }
    }
    let symbols = Symbols::known();
    let mut answers = Vec::from_iter(
        (symbols.runtimes.keys()).map(|runtime| (*runtime, installed(&tags, *runtime))),
    );
    let binaries = files.iter().flat_map(|(_, file)| &file.binaries);
    let has_modules = binaries.into_iter().any(|binary| !binary.hooks.is_empty());
    let claim = Claim::of_tags(&tags, has_modules, symbols);
    gaps(given, wheel, &tags, &claim, report);
    let contents = Contents::of(files, report)?;
    // What those look for and export is not known.
    let is_for_others = is_for_no_known(&tags);
    let groups = match is_for_others {
        true => Vec::new(),
        false => Group::all(contents.modules),
    };
    let parts = parallel::map(&groups, |group| of_group(given, group, &claim));
    let (libraries, linked) = (&contents.libraries, &contents.linked);
    judge_libraries(libraries, linked, &groups, &claim, report);
    let mut modules = BTreeMap::new();
    for (group, part) in groups.iter().zip(parts) {
        report.absorb(part.report);
        modules.insert(group.name.clone(), part.gil);
        for ((_, known), of_this) in answers.iter_mut().zip(part.answers) {
            // Who does not install it does not get so far.
            if !matches!(known, Answer::Refuses(_)) {
                *known = of_this.max(known.clone());
            }
        }
    }
    for (runtime, answer) in &mut answers {
        *answer = elsewhere_unknown(&tags, *runtime).unwrap_or_else(|| answer.clone());
    }
    if modules.is_empty() && claim.is_stable() && report.failures.is_empty() {
        report.compared += 1;
        let message = "the tags name a stable ABI, and there is no extension module".to_owned();
        report
            .findings
            .push(finding(&rules::HOOKLESS, given.to_owned(), message));
    }
    if is_for_others {
        report.gaps.push(Gap {
            facts: format!("what is in {given}"),
            why: format!(
                "its tags, {}, are of no CPython that is known here",
                words(&tags)
            ),
        });
    } else if modules.is_empty() && is_silent(report) {
        report.gaps.push(Gap {
            facts: format!("what is in {given}"),
            why: "there is no extension module in it".to_owned(),
        });
    }
    if !modules.is_empty() || is_for_others {
        report.loading.push(loading_of(given, answers.clone()));
    }
    Ok(Facts {
        tags,
        answers,
        modules,
    })
}

/// Each member that is named like a module, or why it cannot be read.
fn read<'w>(given: &str, wheel: &'w Wheel<FileReader>) -> Vec<(&'w str, Result<Module, String>)> {
    let candidates = wheel.members.iter().filter_map(|(member, place)| {
        let file = member.rsplit('/').next().unwrap_or(member);
        Some((member.as_str(), place, FileName::parse(file)?))
    });
    let candidates = Vec::from_iter(candidates);
    let together = bombs(candidates.iter().map(|(_, place, _)| *place));
    if let (Err(reason), 2..) = (together, candidates.len()) {
        let largest = candidates.iter().max_by_key(|(_, place, _)| place.size);
        let largest = largest.map_or("", |(member, ..)| *member);
        let reason = format!("`{given}!{largest}`: of it and the other members {reason}");
        return vec![(largest, Err(reason))];
    }
    let size = |(_, place, _): &(_, &Member, _)| place.size;
    let read = parallel::map_largest_first(&candidates, size, |(member, place, name)| {
        let path = format!("{given}!{member}");
        match binaries(wheel, place, &name.hook(member)) {
            Ok(binaries) => Ok(Module {
                path,
                binaries,
                name: name.clone(),
                libraries: BTreeSet::new(),
            }),
            Err(reason) => Err(format!("`{path}`: {reason}")),
        }
    });
    let members = candidates.iter().map(|(member, ..)| *member);
    members.zip(read).collect()
}

/// What is in a member.
fn binaries(
    wheel: &Wheel<FileReader>,
    member: &Member,
    module: &str,
) -> Result<Vec<Binary>, String> {
    // Room for what is not read would be the most that anything may take from then on.
    let needs = wheel.needs(member)?;
    let unread = needs.unread.clone();
    let mut share = Budget::of_all().take(needs);
    let data = wheel.read_into(member, &mut share.memory)?;
    if unread.is_apart(data) {
        return Binary::read(data, module);
    }
    drop(share);
    let mut share = Budget::of_all().take(Needs::of(member.size));
    Binary::read(wheel.read_into(member, &mut share.memory)?, module)
}

/// The files in a wheel.
struct Contents<'w> {
    /// Each with its place.
    modules: Vec<(String, Module)>,
    /// Those that others need, and that are no modules, each with its member.
    libraries: Vec<(&'w str, Module)>,
    linked: Libraries,
}

impl<'w> Contents<'w> {
    /// A library may have a module's suffix: it has no hook of its name, and another member needs it; or it has
    /// the bare one, and takes nothing from CPython. Where nobody can tell, that is a gap.
    fn of(mut files: Vec<(&'w str, Module)>, report: &mut Report) -> Result<Self, String> {
        let mut linked = Libraries::of(&mut files);
        let (mut modules, mut libraries) = (Vec::new(), Vec::new());
        for (member, mut file) in files {
            if linked.has(member, &file) {
                libraries.push((member, file));
                continue;
            }
            let done = linked.link(&mut file);
            done.map_err(|reason| format!("of `{member}`, {reason}"))?;
            if file.is_library() && !file.is_module() {
                continue;
            }
            if file.is_like_library() {
                report.gaps.push(Gap {
                    facts: file.path,
                    why: "it has no hook of its name: what loads it is not known".to_owned(),
                });
                continue;
            }
            modules.push((place(member, &file), file));
        }
        Ok(Contents {
            modules,
            libraries,
            linked,
        })
    }
}

/// Where a module is when it is installed, and its name without the suffix.
fn place(member: &str, module: &Module) -> String {
    let parts = Vec::from_iter(member.split('/'));
    let folder = match parts.as_slice() {
        // Installers lay it over the rest. Its name has the version of the package.
        [data, "platlib" | "purelib", rest @ .., _] if data.ends_with(".data") => rest,
        [folder @ .., _] => folder,
        [] => &[],
    };
    format!("{}/{}", folder.join("/"), module.name.module)
}

/// Looks at each file of a module for those who take it.
fn of_group(given: &str, group: &Group, claim: &Claim) -> Part {
    let symbols = Symbols::known();
    let mut report = Report::default();
    for file in &group.files {
        let claim = group.claim(file, claim, symbols);
        if let Suffix::Other(_) = file.name.suffix {
            report.gaps.push(foreign(file));
            report.compared += usize::from(!claim.promised.is_empty());
            report.findings.extend(judge::suffix(file, &claim, symbols));
            continue;
        }
        of_one(file, &claim, &mut report);
        report.abi3.extend(abi3::of(file, &claim, given, symbols));
    }
    let answers = symbols.runtimes.keys().map(|runtime| {
        let file = group.judged(*runtime, symbols);
        let claim = group.claim(file, claim, symbols);
        let member = &file.path[given.len() + 1..];
        match answer(file, &claim, *runtime, symbols) {
            Answer::Loads => Answer::Loads,
            Answer::Unknown(why) => Answer::Unknown(format!("{member}: {why}")),
            Answer::Refuses(why) => Answer::Refuses(format!("{member}: {why}")),
        }
    });
    Part {
        answers: answers.collect(),
        gil: gil(group, symbols),
        report,
    }
}

/// Looks at each library for those who are promised a module that loads it.
fn judge_libraries(
    libraries: &[(&str, Module)],
    linked: &Libraries,
    groups: &[Group],
    claim: &Claim,
    report: &mut Report,
) {
    let symbols = Symbols::known();
    let loading = groups.iter().flat_map(|group| {
        let files = group.files.iter();
        files.map(|file| (file, group.claim(file, claim, symbols)))
    });
    let claims = linked.claims(claim, loading);
    for (member, file) in libraries {
        if let Some(claim) = claims.get(last(member))
            && !claim.promised.is_empty()
        {
            let found = judge::library(file, claim, symbols, &mut report.compared);
            report.findings.extend(found);
        }
    }
}

/// What the newest free-threaded build makes of a module.
fn gil(group: &Group, symbols: &Symbols) -> Gil {
    let mut runtimes = symbols.runtimes.keys().rev();
    let Some(newest) = runtimes.find(|runtime| runtime.is_free_threaded()) else {
        return Gil::Unsaid;
    };
    let file = group.judged(*newest, symbols);
    if let Suffix::Other(_) = file.name.suffix {
        return Gil::Unknown("it is of another implementation");
    }
    let slots = file.binaries.first().map(|binary| {
        Attempt::new(file, binary, *newest, symbols)
            .slots()
            .gil(binary.sets_gil())
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
    tags: &BTreeSet<Tag>,
    claim: &Claim,
    report: &mut Report,
) {
    let symbols = Symbols::known();
    let is_for = |runtime: &Runtime| tags.iter().any(|tag| tag.is_for(*runtime));
    match (claim.floor, symbols.newest()) {
        (Some(floor), Some(newest)) if floor > newest => report.gaps.push(Gap {
            facts: format!("what CPython {floor} exports, which is the floor of {given}"),
            why: format!("{newest} is the newest that this pyshim knows; use a newer one"),
        }),
        (Some(_), _) if !symbols.runtimes.keys().any(is_for) => report.gaps.push(Gap {
            facts: format!("who loads {given}"),
            why: format!("no CPython takes a wheel with the tags {}", words(tags)),
        }),
        _ => {}
    }
    let unknown: BTreeSet<&str> = (tags.iter())
        .filter(|tag| !tag.is_of_known_platform())
        .map(|tag| tag.platform.as_str())
        .collect();
    let unknown = unknown.into_iter();
    report
        .gaps
        .extend(unknown.map(|platform| elsewhere(given, platform)));
    let names = wheel.members.keys();
    let nested = names.filter(|name| name.ends_with(".whl") || name.ends_with(".zip"));
    report.gaps.extend(nested.map(|name| Gap {
        facts: format!("what is in {given}!{name}"),
        why: "an archive in a wheel is not looked into; audit it by itself".to_owned(),
    }));
}

/// Whether the tags are of ABIs of which none is known: those of other implementations, and of CPythons before
/// the oldest that is known.
fn is_for_no_known(tags: &BTreeSet<Tag>) -> bool {
    let is_known = |tag: &Tag| tag.abi().is_some() || tag.abi == "none";
    !tags.is_empty() && !tags.iter().any(is_known)
}

/// Whether nothing is said of the wheel yet that tells why nothing was compared.
fn is_silent(report: &Report) -> bool {
    report.findings.is_empty() && report.gaps.is_empty() && report.failures.is_empty()
}

/// What is said of a CPython for which only tags are that are of platforms which are not known.
fn elsewhere_unknown(tags: &BTreeSet<Tag>, runtime: Runtime) -> Option<Answer> {
    let mut for_it = tags.iter().filter(|tag| tag.is_for(runtime)).peekable();
    let unknown = for_it.peek()?.platform.clone();
    let is_unknown = for_it.all(|tag| !tag.is_of_known_platform());
    is_unknown.then(|| Answer::Unknown(format!("`{unknown}` is not known here")))
}

/// Whether installers take the wheel for a CPython.
fn installed(tags: &BTreeSet<Tag>, runtime: Runtime) -> Answer {
    // A file without tags says nothing.
    match tags.is_empty() || tags.iter().any(|tag| tag.is_for(runtime)) {
        true => Answer::Loads,
        false => Answer::Refuses("installers do not take the wheel for it".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{Read as _, Seek as _, Write as _};

    use rawzip::{FileReader, ZipArchiveWriter};

    use super::{Budget, Wheel, read};

    /// A wheel with one module, which says that it has so many bytes.
    fn lying(size: u32) -> File {
        let mut archive = ZipArchiveWriter::new(Vec::new());
        let (mut entry, config) = archive.new_file("demo.so").start().unwrap();
        let mut writer = config.wrap(&mut entry);
        writer.write_all(b"\x7fELF").unwrap();
        let (_, output) = writer.finish().unwrap();
        entry.finish(output).unwrap();
        let mut wheel = archive.finish().unwrap();
        let directory = wheel.windows(4).position(|four| four == b"PK\x01\x02");
        let place = directory.unwrap() + 24;
        wheel[place..place + 4].copy_from_slice(&size.to_le_bytes());
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&wheel).unwrap();
        file.rewind().unwrap();
        file
    }

    #[test]
    fn a_lie_makes_no_room_for_others() {
        for size in [u32::MAX - 1, 1 << 29] {
            let mut file = lying(size);
            let bytes = file.read_to_end(&mut Vec::new()).unwrap() as u64;
            let wheel = Wheel::open(FileReader::from(file), bytes).unwrap();
            let modules = read("demo.whl", &wheel);
            assert!(matches!(modules.as_slice(), [(_, Err(_))]), "{size}");
            assert!(Budget::of_all().largest() < 1 << 29, "{size}");
        }
    }
}
