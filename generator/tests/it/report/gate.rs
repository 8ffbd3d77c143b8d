//! Which exit code a report comes to.

use std::collections::BTreeSet;

use pyshim_gen::report::Level;
use pyshim_gen::report::gate::{FailOn, Gate};

use super::reports::{self, ADDED, MOVED, RETYPED, UNKNOWN, comparison, finding};

#[test]
fn the_gate_counts_what_it_is_asked_to() {
    let one_of = |level: Level| {
        let rules = [&MOVED, &RETYPED, &UNKNOWN, &ADDED, &reports::USED];
        let rule = rules.into_iter().find(|rule| rule.level == level);
        let mistake = &pyshim_gen::report::suppress::UNUSED;
        comparison(vec![finding(rule.unwrap_or(mistake), "x")])
    };
    // The exit codes in the order of the levels, the worst first.
    let table = [
        (FailOn::Break, [1, 1, 0, 0, 0, 0]),
        (FailOn::Api, [1, 1, 1, 0, 0, 0]),
        (FailOn::Addition, [1, 1, 1, 0, 1, 0]),
        (FailOn::Undecided, [1, 1, 0, 3, 0, 0]),
    ];
    for (word, codes) in table {
        for (level, code) in Level::WORST_FIRST.into_iter().zip(codes) {
            let found = gate(&[word]).outcome(&one_of(level)).code();
            assert_eq!(found, code, "{} at {}", level.word(), word.word());
        }
    }
    let both = gate(&[FailOn::Api, FailOn::Undecided]);
    assert_eq!(both.outcome(&one_of(Level::Api)).code(), 1);
    assert_eq!(both.outcome(&one_of(Level::Undecided)).code(), 3);
    assert_eq!(
        gate(&[]),
        Gate {
            fail_on: BTreeSet::new(),
            ..Gate::default()
        }
    );
    assert_eq!(gate(&[]).outcome(&one_of(Level::Break)).code(), 1);
}

fn gate(words: &[FailOn]) -> Gate {
    Gate {
        fail_on: words.iter().copied().collect(),
        require: BTreeSet::new(),
    }
}

#[test]
fn what_could_not_be_decided_beats_what_was_found() {
    let mut report = comparison(vec![finding(&MOVED, "x"), finding(&UNKNOWN, "y")]);
    assert_eq!(gate(&[FailOn::Break]).outcome(&report).code(), 1);
    assert_eq!(gate(&[FailOn::Undecided]).outcome(&report).code(), 3);
    let asked = |word: &str| Gate {
        require: BTreeSet::from([word.to_owned()]),
        ..Gate::default()
    };
    assert_eq!(asked("manifest").outcome(&report).code(), 1);
    assert_eq!(
        asked("probe").outcome(&report).code(),
        3,
        "the old side has none"
    );
    report.compared = 0;
    assert_eq!(gate(&[FailOn::Break]).outcome(&report).code(), 3);
}

#[test]
fn what_is_suppressed_passes_every_gate() {
    let mut report = comparison(vec![finding(&MOVED, "x"), finding(&UNKNOWN, "y")]);
    for found in &mut report.findings {
        found.suppressed = Some("known".to_owned());
    }
    for word in FailOn::ALL {
        assert_eq!(gate(&[word]).outcome(&report).code(), 0, "{}", word.word());
    }
}
