//! Whether a changelog names what changed in the ABI.
//!
//! Changelogs are as Keep a Changelog has them: the newest section is the first that begins with
//! `## `, and what is said of the ABI stands in it below `### ABI`.

use std::collections::BTreeSet;
use std::path::Path;

use crate::report::{Breaks, Examines, Finding, Level, Report, Rule, Verdicts};
use crate::surface::Place;

/// Something changed that nobody wrote down.
pub static UNMENTIONED: Rule = Rule {
    id: "D901",
    name: "not-in-the-changelog",
    examines: Examines::Interfaces,
    level: Level::Mistake,
    breaks: Breaks::Nothing,
    meaning: "The ABI changed, and the section on the ABI of the changelog's newest release does not name what changed.",
    hint: "write a line about it below `### ABI`, with the name in backticks",
    suppressible: true,
};

/// Adds a finding for each item that changed and is not named.
pub fn check(report: &mut Report, path: &Path, text: &str) {
    let (line, section) = section(text);
    let named: BTreeSet<&str> = section
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .collect();
    let mut unnamed = BTreeSet::new();
    for finding in report.counting() {
        let item = root(&finding.item);
        if !named.contains(item) {
            unnamed.insert(item.to_owned());
        }
    }
    let findings = unnamed.into_iter().map(|item| Finding {
        rule: &UNMENTIONED,
        level: UNMENTIONED.level,
        message: format!(
            "`{item}` changed, and the changelog's section on the ABI does not name it"
        ),
        item,
        old: None,
        new: None,
        only: BTreeSet::new(),
        verdicts: Verdicts::WORKS,
        place: Some(Place {
            file: path.to_owned(),
            line,
        }),
        hint: UNMENTIONED.hint.to_owned(),
        picture: None,
        suppressed: None,
    });
    report.findings.extend(findings);
}

/// `PyObject` of `PyObject.ob_refcnt`.
fn root(item: &str) -> &str {
    item.split_once('.').map_or(item, |(root, _)| root)
}

/// The newest section on the ABI, and the line that it begins with; empty where there is none.
fn section(text: &str) -> (u32, String) {
    let mut lines = (1..).zip(text.lines());
    let mut place = 1;
    let mut newest = false;
    for (number, line) in lines.by_ref() {
        let is_release = line.starts_with("## ");
        if newest && is_release {
            return (place, String::new());
        }
        if is_release {
            newest = true;
            place = number;
        }
        if newest && line.trim_end().eq_ignore_ascii_case("### abi") {
            place = number;
            break;
        }
    }
    let section = lines
        .map(|(_, line)| line)
        .take_while(|line| !line.starts_with("## ") && !line.starts_with("### "))
        .collect::<Vec<_>>();
    (place, section.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::section;

    #[test]
    fn the_newest_section_on_the_abi_is_found() {
        let text = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- x\n\n### ABI\n\n- `y`\n\n## [0.1.0]\n### ABI\n- z\n";
        assert_eq!(section(text), (9, "\n- `y`\n".to_owned()));
    }

    #[test]
    fn an_older_one_does_not_count() {
        let text = "# Changelog\n## 0.2.0\n### Added\n## 0.1.0\n### ABI\n- z\n";
        assert_eq!(section(text), (2, String::new()));
        assert_eq!(section(""), (1, String::new()));
    }
}
