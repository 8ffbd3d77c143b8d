//! One test a folder under `data/diff/`: two snapshots, and everything that is said of them.
//! `PYSHIM_BLESS=1` writes what is found as what is expected.
//!
//! Every rule looks at every pair, so a hit that is not expected fails. A folder is called after the
//! rule that it shows, with more words after it; `clean-` shows that nothing is found, `gap-` that
//! something is unknown.

use crate::report;
use crate::snapshot;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use libtest_mimic::{Failed, Trial};
use pyshim_gen::diff::{diff, rules};
use pyshim_gen::report::Report;
use pyshim_gen::surface::Surface;

const ROOT: &str = "tests/data/diff";

pub(crate) fn trials() -> Vec<Trial> {
    let pairs = pairs();
    let mut trials: Vec<Trial> = Vec::new();
    for dir in &pairs {
        let (name, dir) = (name(dir), dir.clone());
        trials.push(Trial::test(name, move || check(&dir)));
    }
    let all = pairs.clone();
    trials.push(Trial::test("every_rule_has_a_pair", move || covered(&all)));
    println!("{} pairs", pairs.len());
    trials
}

fn pairs() -> Vec<PathBuf> {
    let items = std::fs::read_dir(ROOT).expect("the folder can be read");
    let mut pairs: Vec<PathBuf> = items
        .map(|item| item.expect("the folder can be read").path())
        .collect();
    pairs.sort();
    pairs
}

fn name(dir: &Path) -> String {
    let name = dir.file_name().expect("a folder has a name");
    name.to_string_lossy().into_owned()
}

fn sides(dir: &Path) -> (Surface, Surface) {
    let read = |file: &str| snapshot::read(&dir.join(file));
    (read("old.txt"), read("new.txt"))
}

fn check(dir: &Path) -> Result<(), Failed> {
    let (old, new) = sides(dir);
    let found = diff(&old, &new);
    fits(&name(dir), &found)?;
    for (word, side) in [("old", &old), ("new", &new)] {
        let nothing = diff(side, side);
        if !nothing.findings.is_empty() || !nothing.gaps.is_empty() {
            let shown = report::show(&nothing);
            return Err(format!("{word} differs from itself:\n{shown}").into());
        }
    }
    let back = diff(&new, &old);
    if found.findings.is_empty() != back.findings.is_empty() {
        let shown = report::show(&back);
        return Err(
            format!("one direction finds something and the other does not:\n{shown}").into(),
        );
    }
    expect(dir, &report::show(&found))
}

/// Whether a pair shows what its name says.
fn fits(name: &str, found: &Report) -> Result<(), Failed> {
    let hit = |rule: &str| {
        found
            .findings
            .iter()
            .any(|finding| finding.rule.name == rule)
    };
    let fits = if name.starts_with("clean-") {
        found.findings.is_empty() && found.gaps.is_empty() && found.compared > 0
    } else if name.starts_with("gap-") {
        found.findings.is_empty() && !found.gaps.is_empty()
    } else {
        named(name).is_none_or(hit)
    };
    if fits {
        return Ok(());
    }
    Err(format!("this is not what `{name}` says:\n{}", report::show(found)).into())
}

/// The rule that a pair is called after; the longest, for some begin with others.
fn named(name: &str) -> Option<&'static str> {
    let names = rules::all().map(|rule| rule.name);
    let fits = |rule: &&str| {
        let rest = name.strip_prefix(*rule);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    names.filter(fits).max_by_key(|rule| rule.len())
}

fn expect(dir: &Path, found: &str) -> Result<(), Failed> {
    let path = dir.join("expected.txt");
    if std::env::var_os("PYSHIM_BLESS").is_some_and(|value| value == "1") {
        std::fs::write(&path, found)?;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    let expected = expected.replace("\r\n", "\n");
    if expected == found {
        return Ok(());
    }
    let difference = similar::TextDiff::from_lines(expected.as_str(), found)
        .unified_diff()
        .header("expected", "found")
        .to_string();
    let name = name(dir);
    Err(format!("{difference}\nto accept: PYSHIM_BLESS=1 cargo test --test cases {name}").into())
}

/// Each rule has a pair that is called after it.
fn covered(pairs: &[PathBuf]) -> Result<(), Failed> {
    let shown: BTreeSet<&str> = pairs.iter().filter_map(|dir| named(&name(dir))).collect();
    let missing: Vec<&str> = rules::all()
        .map(|rule| rule.name)
        .filter(|rule| !shown.contains(rule))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(format!("no pair under {ROOT} shows {missing:?}").into())
}
