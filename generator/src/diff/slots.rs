//! Numbered slots and named bits.

use std::collections::BTreeMap;

use super::found::{Found, Hit};
use super::rules::slots as rules;
use super::types::{Change, change};
use super::{Both, Sides};
use crate::report::{Level, Rule, Verdict};
use crate::surface::{ANYWHERE, BitRange, Bits};

/// Compares numbered slots.
pub(super) fn slots(
    found: &mut Found,
    both: &Both<'_>,
    old: &BTreeMap<String, u64>,
    new: &BTreeMap<String, u64>,
) {
    let rules = Rules {
        moved: &rules::SLOT_MOVED,
        reused: &rules::SLOT_REUSED,
        removed: &rules::SLOT_REMOVED,
        added: &rules::SLOT_ADDED,
        what: "slot",
        added_needs: Verdict::Breaks,
    };
    rules.apply(found, both, old, new, |a, b| a == b, u64::to_string);
}

/// Compares named bits.
pub(super) fn bits(sides: &Sides<'_>, found: &mut Found, both: &Both<'_>, old: &Bits, new: &Bits) {
    found.compared(1);
    match change(sides, ANYWHERE, &old.unit, &new.unit) {
        Change::Same => {}
        kind => {
            let hit = Hit::new(&rules::BITS_UNIT, both.name, "the integer is another");
            let hit = hit.sides(old.unit.to_string(), new.unit.to_string());
            let level = match kind {
                Change::Signedness => Level::Api,
                _ => Level::Break,
            };
            found.add(hit.level(level), both.place);
        }
    }
    let rules = Rules {
        moved: &rules::BIT_MOVED,
        reused: &rules::BIT_REUSED,
        removed: &rules::BIT_REMOVED,
        added: &rules::BIT_ADDED,
        what: "bit",
        added_needs: Verdict::Unknown,
    };
    let overlap = |a: &BitRange, b: &BitRange| {
        let end = |range: &BitRange| range.shift.saturating_add(range.width);
        a.shift < end(b) && b.shift < end(a)
    };
    let shown = |range: &BitRange| match range.width {
        1 => format!("bit {}", range.shift),
        width => format!("{width} bits from bit {}", range.shift),
    };
    rules.apply(found, both, &old.bits, &new.bits, overlap, shown);
}

/// The rules for names that have places.
struct Rules {
    moved: &'static Rule,
    reused: &'static Rule,
    removed: &'static Rule,
    added: &'static Rule,
    what: &'static str,
    /// What becomes of a program that uses what an old library does not know.
    added_needs: Verdict,
}

impl Rules {
    fn apply<P: PartialEq>(
        &self,
        found: &mut Found,
        both: &Both<'_>,
        old: &BTreeMap<String, P>,
        new: &BTreeMap<String, P>,
        overlap: impl Fn(&P, &P) -> bool,
        shown: impl Fn(&P) -> String,
    ) {
        let what = self.what;
        let item = |name: &str| format!("{}.{name}", both.name);
        // Whoever had the place and has it no longer.
        let former = |name: &str, place: &P| {
            let had = old.iter().filter(|(other, before)| {
                other.as_str() != name && overlap(before, place) && new.get(*other) != Some(before)
            });
            had.map(|(other, _)| other).next()
        };
        found.compared(old.len());
        for (name, before) in old {
            match new.get(name) {
                Some(now) if now == before => {}
                Some(now) => {
                    let hit = Hit::new(self.moved, item(name), format!("the {what} moved"));
                    found.add(hit.sides(shown(before), shown(now)), both.place);
                }
                None => {
                    let mut heirs = new
                        .iter()
                        .filter(|(heir, now)| !old.contains_key(*heir) && overlap(before, now));
                    if heirs.next().is_none() {
                        let hit = Hit::new(self.removed, item(name), format!("the {what} is gone"));
                        // What is compiled now knows nothing of it.
                        let hit = hit.new_binary(Verdict::Works);
                        found.add(hit.was(shown(before)), both.place);
                    }
                }
            }
        }
        for (name, now) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
            let hit = match former(name, now) {
                Some(other) => {
                    Hit::new(self.reused, item(name), format!("the {what} was another's"))
                        .sides(format!("`{other}`"), format!("{}: `{name}`", shown(now)))
                }
                None => {
                    let hit = Hit::new(self.added, item(name), format!("the {what} is new"));
                    hit.new_binary(self.added_needs).is(shown(now))
                }
            };
            found.add(hit, both.place);
        }
    }
}
