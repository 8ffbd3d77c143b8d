//! Where something can be had, and as what.

use std::collections::BTreeSet;

use super::found::{Found, Hit, Missing};
use super::rules::availability as rules;
use super::{Both, Sides, is_call};
use crate::report::{Level, Verdict};
use crate::surface::{Form, Item, Kind};

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
    if found.knows_to_be_same(&both.old.declared, &both.new.declared) {
        return explained;
    }
    let mut hits: Vec<(Hit, BTreeSet<String>)> = Vec::new();
    let mut all = Vec::new();
    for (label, old, new) in sides.wheres.each(&both.old.declared, &both.new.declared) {
        if old.is_none() && new.is_none() {
            continue;
        }
        found.compared(1);
        all.push(label);
        let hit = match (old, new) {
            (Some(Form::Type), None) if is_bare_tag(both.new) => {
                Some(form(sides, both, Form::Type, Form::Incomplete).sides("type", "incomplete"))
            }
            (None, Some(Form::Type)) if is_bare_tag(both.old) => {
                Some(form(sides, both, Form::Incomplete, Form::Type).sides("incomplete", "type"))
            }
            (Some(old), None) => {
                Some(Hit::new(&rules::NARROWED, both.name, "is no longer declared").was(old.word()))
            }
            (None, Some(new)) => {
                let hit = Hit::new(&rules::WIDENED, both.name, "is declared").is(new.word());
                Some(hit.new_binary(needs(both.old, *new)))
            }
            (Some(old), Some(new)) if old != new && !told(both) => {
                let hit = form(sides, both, *old, *new);
                explained.lost |= hit.is_of(&rules::INLINED_AND_GONE);
                explained.gained |= hit.is_of(&rules::OUT_OF_LINE);
                Some(hit.sides(old.word(), new.word()))
            }
            _ => None,
        };
        hits.extend(hit.map(|hit| (hit, BTreeSet::from([label.to_owned()]))));
    }
    if hits.is_empty() {
        if !told(both) {
            found.are_same(&both.old.declared, &both.new.declared, all.len());
        }
        return explained;
    }
    // Where it was not declared anywhere, each way that remains is a new one.
    if all.len() == hits.len() {
        all = sides.wheres.labels().collect();
    }
    let ways = all.into_iter().map(str::to_owned).collect();
    found.merge(hits, &ways, both.place);
    explained
}

/// What becomes of a program that uses what is declared now, with a library that does not declare it.
fn needs(old: &Item, form: Form) -> Verdict {
    let is_there = old.exported.as_ref().map(|wheres| !wheres.is_empty());
    match (form, is_there) {
        (Form::Function | Form::Variable, Some(false)) => Verdict::Breaks,
        (Form::Function | Form::Variable, None) => Verdict::Unknown,
        _ => Verdict::Works,
    }
}

/// Whether it is said already that this is another kind of thing.
fn told(both: &Both<'_>) -> bool {
    let (old, new) = (&both.old.kind, &both.new.kind);
    std::mem::discriminant(old) != std::mem::discriminant(new) && !(is_call(old) && is_call(new))
}

/// A struct that a side speaks of as `struct NAME` only, and has no layout of.
fn is_bare_tag(item: &Item) -> bool {
    let Kind::Record(record) = &item.kind else {
        return false;
    };
    item.declared.is_empty() && record.layouts.is_empty()
}

/// Another form of declaration.
fn form(sides: &Sides<'_>, both: &Both<'_>, old: Form, new: Form) -> Hit {
    // What is no function is not told of as exported, and was looked for all the same.
    let exports = |item: &Item, side| {
        let exported = item.exported.as_ref().map(|wheres| !wheres.is_empty());
        exported.or_else(|| sides.has_symbols(side).then_some(false))
    };
    let old_exports = exports(both.old, Missing::Old);
    match (old, new) {
        (Form::Function, Form::Inline | Form::Macro) => {
            match (old_exports, exports(both.new, Missing::New)) {
                (_, Some(true)) | (Some(false), Some(false)) => {
                    Hit::new(&rules::INLINED, both.name, "is brought by the header now")
                }
                (_, Some(false)) => Hit::new(
                    &rules::INLINED_AND_GONE,
                    both.name,
                    "is brought by the header now, and no longer exported",
                )
                .new_binary(Verdict::Works),
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
            if old_exports == Some(true) {
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
                .new_binary(Verdict::Unknown)
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
        // It is said already, by form; a macro or a type has no symbol.
        (None, Some(_)) if sides.has_symbols(Missing::Old) => return,
        (Some(_), None) if sides.has_symbols(Missing::New) => return,
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
    let (mut lost, mut gained, mut all) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for (label, before, now) in sides.exports.membership(old, new) {
        found.compared(1);
        all.push(label);
        match (before, now) {
            (true, false) => lost.insert(label.to_owned()),
            (false, true) => gained.insert(label.to_owned()),
            _ => continue,
        };
    }
    if lost.is_empty() && gained.is_empty() {
        return;
    }
    let all = all.into_iter().map(str::to_owned).collect();
    let mut hits = Vec::new();
    if !lost.is_empty() && !explained.lost {
        let hit = Hit::new(
            &rules::NO_LONGER_EXPORTED,
            both.name,
            "is no longer exported",
        );
        let hit = hit.new_binary(Verdict::Works);
        let mut forms = both.new.declared.values();
        // What still says that the library has it compiles, and is not linked.
        let hit = match forms.any(|form| matches!(form, Form::Function | Form::Variable)) {
            true => hit.source(Verdict::Breaks),
            false => hit,
        };
        hits.push((hit.sides("exported", "not exported"), lost));
    }
    if !gained.is_empty() && !explained.gained {
        let hit = Hit::new(&rules::NEWLY_EXPORTED, both.name, "is exported");
        hits.push((hit.sides("not exported", "exported"), gained));
    }
    found.merge(hits, &all, both.place);
}
