//! One test a folder under `fixtures/`: what is said of a broken manifest, or what is made of a
//! good one. `PYSHIM_BLESS=1` writes what is found as what is expected.
//!
//! A fixture is a whole manifest, or a `suppressions.yaml`, in `fixtures/<group>/<name>/`, with `expected.txt` (the complaints,
//! as they are printed) or `expected/` (the files that are written). Of these only the ones are
//! kept that differ from what `golden/empty` gives, so that each golden shows its own idea alone.

use crate::compilers;
use crate::fixture;
use crate::golden;
use std::collections::BTreeSet;

use libtest_mimic::{Failed, Trial};
use pyshim_gen::check::codes;

use crate::fixture::Fixture;

pub(crate) fn trials() -> Vec<Trial> {
    let fixtures = fixture::all();
    let mut trials: Vec<Trial> = Vec::new();
    for found in &fixtures {
        let kept = found.clone();
        trials.push(Trial::test(found.name.clone(), move || {
            fixture::check(&kept)
        }));
        if found.is_golden() {
            for compile in golden::COMPILES {
                let kept = found.clone();
                let name = format!("{}/{}", found.name, compile.name);
                trials.push(Trial::test(name, move || compile.run(&kept)));
            }
        }
    }
    let kept = fixtures.clone();
    trials.push(Trial::test(
        "every_code_has_a_fixture_and_a_row",
        move || lists_agree(&kept),
    ));
    println!("{} fixtures; {}", fixtures.len(), compilers::describe());
    trials
}

/// The codes, and those of the page, are the same; and fixtures show all that are about YAML.
fn lists_agree(fixtures: &[Fixture]) -> Result<(), Failed> {
    let known: BTreeSet<String> = codes::ALL.iter().map(|code| code.id().to_owned()).collect();
    let mut shown = BTreeSet::new();
    for fixture in fixtures {
        let text = std::fs::read_to_string(fixture.dir.join("expected.txt")).unwrap_or_default();
        shown.extend(
            text.split("error[")
                .skip(1)
                .filter_map(|rest| Some(rest.split_once(']')?.0.to_owned())),
        );
    }
    let page = std::fs::read_to_string("../docs/diagnostics.md")?;
    let rows = page
        .lines()
        .filter_map(|line| Some(line.strip_prefix("| ")?.split_once(" |")?.0));
    let is_code = |id: &&str| id.starts_with(['P', 'S', 'X']) && id[1..].parse::<u16>().is_ok();
    let listed = rows.filter(is_code).map(str::to_owned).collect();
    // Those of snapshots are shown by a test of their own.
    let about_yaml = known.iter().filter(|id| !id.starts_with('S'));
    same("fixtures show", &shown, &about_yaml.cloned().collect())?;
    same("docs/diagnostics.md lists", &listed, &known)
}

fn same(what: &str, found: &BTreeSet<String>, known: &BTreeSet<String>) -> Result<(), Failed> {
    if found == known {
        return Ok(());
    }
    let missing: Vec<_> = known.difference(found).collect();
    let extra: Vec<_> = found.difference(known).collect();
    Err(format!("{what} not {missing:?}, and {extra:?} too").into())
}
