//! Where something can be had, and as what.

use std::collections::BTreeSet;

use super::found::{Found, Hit, Missing};
use super::rules::availability as rules;
use super::{Both, Sides};
use crate::report::{Level, Verdict};
use crate::surface::{Form, Item};

/// Compares how an item is declared and exported.
pub(super) fn diff(sides: &Sides<'_>, found: &mut Found, both: &Both<'_>) {
    let mut explained = Explained::default();
    if let Some(missing) = unread(sides, both) {
        found.gap(
            "declarations",
            "observe it with headers",
            missing,
            both.name,
        );
    } else {
        explained = declared(sides, found, both);
    }
    exported(sides, found, both, explained);
}

/// The side that has no headers, when the other side has them.
fn unread(sides: &Sides<'_>, both: &Both<'_>) -> Option<Missing> {
    let lacks = |item: &Item, side| item.declared.is_empty() && !sides.reads_headers(side);
    match (lacks(both.old, Missing::Old), lacks(both.new, Missing::New)) {
        (true, false) => Some(Missing::Old),
        (false, true) => Some(Missing::New),
        _ => None,
    }
}

/// What a change of form says already of symbols.
#[derive(Clone, Copy, Debug, Default)]
struct Explained {
    lost: bool,
    gained: bool,
}

fn declared(sides: &Sides<'_>, found: &mut Found, both: &Both<'_>) -> Explained {
    let mut explained = Explained::default();
    let mut hits: Vec<(Hit, BTreeSet<String>)> = Vec::new();
    let mut all = BTreeSet::new();
    for (label, old, new) in sides.wheres.each(&both.old.declared, &both.new.declared) {
        if old.is_none() && new.is_none() {
            continue;
        }
        found.compared(1);
        all.insert(label.to_owned());
        let hit = match (old, new) {
            (Some(old), None) => {
                Some(Hit::new(&rules::NARROWED, both.name, "is no longer declared").was(old.word()))
            }
            (None, Some(new)) => {
                Some(Hit::new(&rules::WIDENED, both.name, "is declared").is(new.word()))
            }
            (Some(old), Some(new)) if old != new => {
                let hit = form(both, *old, *new);
                explained.lost |= hit.is_of(&rules::INLINED_AND_GONE);
                explained.gained |= hit.is_of(&rules::OUT_OF_LINE);
                Some(hit.sides(old.word(), new.word()))
            }
            _ => None,
        };
        hits.extend(hit.map(|hit| (hit, BTreeSet::from([label.to_owned()]))));
    }
    // Where it was not declared anywhere, each way that remains is a new one.
    let everywhere = sides.wheres.labels().map(str::to_owned).collect();
    let ways = if all.len() == hits.len() {
        &everywhere
    } else {
        &all
    };
    found.merge(hits, ways, both.place);
    explained
}

/// Another form of declaration.
fn form(both: &Both<'_>, old: Form, new: Form) -> Hit {
    let exports = |item: &Item| item.exported.as_ref().map(|wheres| !wheres.is_empty());
    match (old, new) {
        (Form::Function, Form::Inline | Form::Macro) => {
            match (exports(both.old), exports(both.new)) {
                (_, Some(true)) | (Some(false), Some(false)) => {
                    Hit::new(&rules::INLINED, both.name, "is brought by the header now")
                }
                (_, Some(false)) => Hit::new(
                    &rules::INLINED_AND_GONE,
                    both.name,
                    "is brought by the header now, and no longer exported",
                ),
                (_, None) => Hit::new(
                    &rules::INLINED_AND_GONE,
                    both.name,
                    "is brought by the header now, and may no longer be exported",
                )
                .level(Level::Undecided)
                .new_binary(Verdict::Works)
                .hint("observe the new side with its shared object, which tells"),
            }
        }
        (Form::Inline | Form::Macro, Form::Function) => {
            let hit = Hit::new(&rules::OUT_OF_LINE, both.name, "is a call now");
            if exports(both.old) == Some(true) {
                hit.level(Level::Compatible)
                    .hint("nothing, for the old side exports it as well")
            } else {
                hit
            }
        }
        (Form::Type, Form::Incomplete) => Hit::new(
            &rules::BECAME_OPAQUE,
            both.name,
            "can no longer be allocated",
        )
        .old_binary(Verdict::Unknown),
        (Form::Incomplete, Form::Type) => {
            Hit::new(&rules::BECAME_COMPLETE, both.name, "has a layout now")
        }
        (Form::Macro, Form::Constant) | (Form::Constant, Form::Macro) => Hit::new(
            &rules::CONSTANT_FORM,
            both.name,
            "is another kind of constant",
        ),
        (Form::Macro, Form::Inline) | (Form::Inline, Form::Macro) => Hit::new(
            &rules::FORM_CHANGED,
            both.name,
            "is declared in another form",
        )
        .level(Level::Compatible),
        _ => Hit::new(
            &rules::FORM_CHANGED,
            both.name,
            "is declared in another form",
        ),
    }
}

fn exported(sides: &Sides<'_>, found: &mut Found, both: &Both<'_>, explained: Explained) {
    let (old, new) = match (&both.old.exported, &both.new.exported) {
        (Some(old), Some(new)) => (old, new),
        (None, None) => return,
        (old, _) => {
            let missing = if old.is_none() {
                Missing::Old
            } else {
                Missing::New
            };
            let remedy = "observe it with its shared object";
            found.gap("exported symbols", remedy, missing, both.name);
            return;
        }
    };
    let (mut lost, mut gained, mut all) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (label, before, now) in sides.exports.membership(old, new) {
        found.compared(1);
        all.insert(label.to_owned());
        match (before, now) {
            (true, false) => lost.insert(label.to_owned()),
            (false, true) => gained.insert(label.to_owned()),
            _ => continue,
        };
    }
    let mut hits = Vec::new();
    if !lost.is_empty() && !explained.lost {
        let hit = Hit::new(
            &rules::NO_LONGER_EXPORTED,
            both.name,
            "is no longer exported",
        );
        hits.push((hit.sides("exported", "not exported"), lost));
    }
    if !gained.is_empty() && !explained.gained {
        let hit = Hit::new(&rules::NEWLY_EXPORTED, both.name, "is exported");
        hits.push((hit.sides("not exported", "exported"), gained));
    }
    found.merge(hits, &all, both.place);
}
