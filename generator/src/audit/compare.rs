//! Two wheels: what the new one takes from those who used the old one, and what it gives.
//!
//! Modules are the same by their place and name, whatever their suffixes are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::claim::Tag;
use super::judge::{finding, labels};
use super::loading::Answer;
use super::rules;
use super::runtime::Runtime;
use super::slots::Gil;
use super::wheel::Facts;
use crate::model::version::Version;
use crate::parallel;
use crate::report::{Finding, Report, Rule};

/// Looks at two wheels. What is wrong with the new one is found as in any audit.
#[must_use]
pub fn compare(old: &Path, new: &Path) -> Report {
    let [(old_report, old_facts), (mut report, new_facts)] =
        parallel::both([old, new], |path| super::of_file(path));
    report.is_comparison = true;
    report.subjects.splice(0..0, old_report.subjects);
    report.failures.extend(old_report.failures);
    report.compared += old_report.compared;
    let sides = [(old, &old_facts), (new, &new_facts)];
    let not_wheels = sides.iter().filter(|(_, facts)| facts.is_none());
    let not_wheels = not_wheels
        .map(|(path, _)| format!("`{}` is no wheel that can be compared", path.display()));
    let not_wheels = Vec::from_iter(not_wheels);
    if let (Some(old), Some(facts)) = (old_facts, new_facts) {
        let given = new.display().to_string();
        let comparison = Comparison {
            given,
            old,
            new: facts,
            findings: Vec::new(),
        };
        report.findings.extend(comparison.run());
    } else if report.failures.is_empty() {
        report.failures.extend(not_wheels);
    }
    report
}

struct Comparison {
    given: String,
    old: Facts,
    new: Facts,
    findings: Vec<Finding>,
}

impl Comparison {
    fn run(mut self) -> Vec<Finding> {
        self.pythons();
        self.platforms();
        self.modules();
        self.findings
    }

    fn find(&mut self, rule: &'static Rule, message: String, sides: [String; 2]) {
        let mut found = finding(rule, self.given.clone(), message);
        let [old, new] = sides;
        (found.old, found.new) = (Some(old), Some(new));
        self.findings.push(found);
    }

    /// Who loads it.
    fn pythons(&mut self) {
        let loads = |facts: &Facts| {
            let answers = facts.answers.iter();
            let loaded = answers.filter(|(_, answer)| !matches!(answer, Answer::Refuses(_)));
            loaded
                .map(|(runtime, _)| *runtime)
                .collect::<BTreeSet<Runtime>>()
        };
        let (old, new) = (loads(&self.old), loads(&self.new));
        let words = |runtimes: &BTreeSet<Runtime>| match runtimes.is_empty() {
            true => "none".to_owned(),
            false => labels(&Vec::from_iter(runtimes.iter().copied())),
        };
        for is_free_threaded in [false, true] {
            let of_build = |runtimes: &BTreeSet<Runtime>| -> BTreeSet<Runtime> {
                let runtimes = runtimes.iter().copied();
                runtimes
                    .filter(|one| one.is_free_threaded() == is_free_threaded)
                    .collect()
            };
            let (old, new) = (of_build(&old), of_build(&new));
            let (lost, gained) = match is_free_threaded {
                false => (&rules::PYTHON_LOST, &rules::PYTHON_GAINED),
                true => (&rules::FREE_THREADING_LOST, &rules::FREE_THREADING_GAINED),
            };
            let both = || [words(&old), words(&new)];
            let gone = &old - &new;
            if !gone.is_empty() {
                let why = self.why(&gone);
                self.find(lost, format!("{} no longer: {why}", words(&gone)), both());
            }
            let come = &new - &old;
            if !come.is_empty() {
                self.find(gained, format!("{} as well", words(&come)), both());
            }
        }
    }

    /// Why some do not load the new one, as the first of them has it.
    fn why(&self, lost: &BTreeSet<Runtime>) -> String {
        let mut answers = self.new.answers.iter();
        let why = answers.find_map(|(runtime, answer)| match answer {
            Answer::Refuses(why) if lost.contains(runtime) => Some(why.clone()),
            _ => None,
        });
        why.unwrap_or_default()
    }

    /// The systems that it is for.
    fn platforms(&mut self) {
        let (old, new) = (platforms(&self.old.tags), platforms(&self.new.tags));
        // One that is for every system is for those before.
        if new.contains_key("any") {
            return;
        }
        for (platform, before) in &old {
            let message = match new.get(platform) {
                None if is_any_linux(platform, &new) => continue,
                None if platform == "any" => {
                    let only = Vec::from_iter(new.keys().map(String::as_str)).join(", ");
                    format!("for {only} only, and before for every platform")
                }
                None => format!("nothing for {platform} any more"),
                Some(now) if now > before => {
                    format!("{platform} from {now} on, and before from {before} on")
                }
                Some(_) => continue,
            };
            let words = |all: &BTreeMap<String, Version>| {
                let names = all.iter().map(|(name, version)| match *version {
                    NO_VERSION => name.clone(),
                    version => format!("{name} {version}"),
                });
                Vec::from_iter(names).join(", ")
            };
            self.find(&rules::PLATFORM_LOST, message, [words(&old), words(&new)]);
        }
    }

    fn modules(&mut self) {
        let old = std::mem::take(&mut self.old.modules);
        for (name, before) in &old {
            let name_only = name.trim_start_matches('/');
            let Some(now) = self.new.modules.get(name).copied() else {
                let message = format!("there is no module `{name_only}` any more");
                self.find(
                    &rules::MODULE_LOST,
                    message,
                    ["there".into(), "not there".into()],
                );
                continue;
            };
            if *before == Gil::NotUsed && matches!(now, Gil::Unsaid | Gil::Used) {
                let message = format!("`{name_only}` needs the GIL again");
                self.find(
                    &rules::GIL_AGAIN,
                    message,
                    ["not needed".into(), "needed".into()],
                );
            }
        }
    }
}

/// The least version of each system, processor and C library that tags name: of the C library, or of
/// macOS.
fn platforms(tags: &BTreeSet<Tag>) -> BTreeMap<String, Version> {
    let mut all = BTreeMap::new();
    for tag in tags {
        let (name, version) = platform(&tag.platform);
        let names = match name.as_str() {
            // A file for both.
            "macosx universal2" => ["macosx arm64", "macosx x86_64"]
                .map(str::to_owned)
                .to_vec(),
            _ => vec![name],
        };
        for name in names {
            let known = all.entry(name).or_insert(version);
            *known = (*known).min(version);
        }
    }
    all
}

/// Whether a platform is `linux_x86_64`, which says nothing of the C library, and the new wheel is for one
/// of that processor.
fn is_any_linux(platform: &str, new: &BTreeMap<String, Version>) -> bool {
    platform.strip_prefix("linux_").is_some_and(|machine| {
        let named = ["manylinux", "musllinux"].map(|system| format!("{system} {machine}"));
        named.iter().any(|name| new.contains_key(name))
    })
}

/// Of a platform that names none.
const NO_VERSION: Version = Version { major: 0, minor: 0 };

fn platform(tag: &str) -> (String, Version) {
    // The names that these had before they had numbers, of PEP 600.
    for (old, version) in [
        ("manylinux1_", "2_5_"),
        ("manylinux2010_", "2_12_"),
        ("manylinux2014_", "2_17_"),
    ] {
        if let Some(arch) = tag.strip_prefix(old) {
            return platform(&format!("manylinux_{version}{arch}"));
        }
    }
    let mut parts = tag.splitn(4, '_');
    let numbers = (parts.next(), parts.next(), parts.next(), parts.next());
    if let (
        Some(system @ ("manylinux" | "musllinux" | "macosx")),
        Some(major),
        Some(minor),
        Some(arch),
    ) = numbers
        && let (Ok(major), Ok(minor)) = (major.parse(), minor.parse())
    {
        return (format!("{system} {arch}"), Version { major, minor });
    }
    (tag.to_owned(), NO_VERSION)
}

#[cfg(test)]
mod tests {
    use super::{is_any_linux, platform, platforms};
    use crate::audit::claim::Tag;

    #[test]
    fn a_platform_has_a_name_and_a_least_version() {
        for (tag, name, version) in [
            ("manylinux_2_28_x86_64", "manylinux x86_64", "2.28"),
            ("manylinux2014_aarch64", "manylinux aarch64", "2.17"),
            ("manylinux1_i686", "manylinux i686", "2.5"),
            ("musllinux_1_2_x86_64", "musllinux x86_64", "1.2"),
            ("macosx_11_0_arm64", "macosx arm64", "11.0"),
            ("win_amd64", "win_amd64", "0.0"),
            ("linux_x86_64", "linux_x86_64", "0.0"),
        ] {
            let (found, least) = platform(tag);
            assert_eq!(
                (found.as_str(), least.to_string().as_str()),
                (name, version),
                "{tag}"
            );
        }
    }

    #[test]
    fn a_tag_that_says_more_loses_nothing() {
        let of = |platform: &str| {
            let tags = Tag::parse(&format!("cp39-abi3-{platform}"));
            platforms(&tags.expect("a few tags").expect("tags"))
        };
        for (old, new, lost) in [
            ("macosx_10_12_x86_64", "macosx_10_12_universal2", &[][..]),
            (
                "macosx_10_12_universal2",
                "macosx_10_12_x86_64",
                &["macosx arm64"],
            ),
            ("linux_x86_64", "manylinux_2_17_x86_64", &[]),
            ("linux_x86_64", "manylinux_2_17_aarch64", &["linux_x86_64"]),
            (
                "manylinux_2_17_x86_64",
                "linux_x86_64",
                &["manylinux x86_64"],
            ),
        ] {
            let (old_all, new_all) = (of(old), of(new));
            let gone = old_all.keys().filter(|one| !new_all.contains_key(*one));
            let gone = Vec::from_iter(gone.filter(|one| !is_any_linux(one, &new_all)));
            assert_eq!(gone, lost, "{old} to {new}");
        }
    }
}
