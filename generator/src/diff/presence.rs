//! What came, went, or has another name.

use std::collections::BTreeSet;

use super::found::{Found, Hit, Missing};
use super::rules::presence as rules;
use super::{Both, Sides, beside};
use crate::report::{Level, Verdict};
use crate::surface::{Form, Item, Kind, Life};

/// Tells of what is on one side only, and gives what is on both.
pub(super) fn diff<'a>(sides: &Sides<'a>, found: &mut Found) -> Vec<Both<'a>> {
    let mut together = Vec::new();
    let renamed: BTreeSet<&str> = sides.renamed.values().copied().collect();
    let lives = sides
        .old
        .items
        .values()
        .any(|item| item.life != Life::default());
    for (name, old, same) in beside(sides.old, sides.new) {
        let now = sides.renamed.get(name.as_str()).copied().unwrap_or(name);
        let new = match now == name {
            true => same,
            false => sides.new.items.get(now),
        };
        match new {
            Some(new) => together.push(Both {
                name: now,
                old_name: name,
                old,
                new,
                place: new.place.as_ref().or(old.place.as_ref()),
            }),
            None if !is_known(sides, found, name, old, Missing::New) => {}
            None if is_member(sides, name, old) => {}
            None => found.add(removed(name, old, lives), old.place.as_ref()),
        }
        if now != name {
            let hit = Hit::new(&rules::RENAMED, name, format!("is called `{now}` now"));
            let hit = if is_linked(old) {
                hit
            } else {
                hit.level(Level::Api)
            };
            found.add(hit.sides(name, now), old.place.as_ref());
        }
    }
    for (name, new, same) in beside(sides.new, sides.old) {
        if same.is_some()
            || renamed.contains(name.as_str())
            || !is_known(sides, found, name, new, Missing::Old)
            || is_member(sides, name, new)
        {
            continue;
        }
        let hit = Hit::new(&rules::ADDED, name, format!("{} is new", new.kind.word()));
        let hit = hit.new_binary(needs(new));
        found.add(hit.is(words(new)), new.place.as_ref());
    }
    together
}

/// A constant that is told of with its enumeration.
fn is_member(sides: &Sides<'_>, name: &str, item: &Item) -> bool {
    matches!(item.kind, Kind::Constant(_)) && sides.is_enumerated(name)
}

/// Whether the side that lacks an item would have it, if it were there.
fn is_known(sides: &Sides<'_>, found: &mut Found, name: &str, item: &Item, side: Missing) -> bool {
    found.compared(1);
    let exported = item
        .exported
        .as_ref()
        .is_some_and(|wheres| !wheres.is_empty());
    let declared = !item.declared.is_empty() || !exported;
    if (declared && sides.reads_headers(side)) || (exported && sides.reads_symbols(side)) {
        return true;
    }
    if declared {
        found.gap("declarations", "observe it with headers", side, name);
    } else {
        found.gap(
            "exported symbols",
            "observe it with its shared object",
            side,
            name,
        );
    }
    false
}

/// Whether what is compiled looks for it when it is loaded.
fn is_linked(item: &Item) -> bool {
    let exported = item.exported.as_ref().map(|wheres| !wheres.is_empty());
    let forms = || item.declared.values();
    let calls = |form: &Form| matches!(form, Form::Function | Form::Variable);
    match (&item.kind, exported) {
        (_, Some(exported)) => exported,
        (Kind::Function(_) | Kind::Variable(_), None) => {
            item.declared.is_empty() || forms().any(calls)
        }
        (_, None) => false,
    }
}

fn removed(name: &str, item: &Item, lives: bool) -> Hit {
    let warned = item.life.deprecated.is_some() || !lives;
    let rule = if warned {
        &rules::REMOVED
    } else {
        &rules::REMOVED_WITHOUT_DEPRECATION
    };
    let hit = Hit::new(rule, name, format!("{} is gone", item.kind.word())).was(words(item));
    let hit = match &item.life.replacement {
        Some(replacement) => hit.hint(format!("use `{replacement}`")),
        None => hit,
    };
    if is_linked(item) {
        // What is compiled now knows nothing of it.
        hit.new_binary(Verdict::Works)
    } else {
        hit.level(Level::Api)
    }
}

/// What becomes of a program that uses an item and runs with a library that lacks it. Types, macros
/// and constants are compiled in.
fn needs(item: &Item) -> Verdict {
    if is_linked(item) {
        Verdict::Breaks
    } else {
        Verdict::Works
    }
}

/// What is known of an item, in a few words.
fn words(item: &Item) -> String {
    let mut words = vec![item.kind.word().to_owned()];
    let forms: BTreeSet<Form> = item.declared.values().copied().collect();
    words.extend(forms.iter().map(|form| form.word().to_owned()));
    words.dedup();
    if item
        .exported
        .as_ref()
        .is_some_and(|wheres| !wheres.is_empty())
    {
        words.push("exported".to_owned());
    }
    if let Some(release) = &item.life.deprecated {
        words.push(format!("deprecated in {release}"));
    }
    words.join(", ")
}

/// What is said of when an item comes and goes.
pub(super) fn life(found: &mut Found, both: &Both<'_>) {
    let (old, new) = (&both.old.life, &both.new.life);
    if let (None, Some(release)) = (&old.removed, &new.removed) {
        let warned = old.deprecated.is_some();
        let rule = if warned {
            &rules::REMOVED
        } else {
            &rules::REMOVED_WITHOUT_DEPRECATION
        };
        let hit = Hit::new(rule, both.name, "is removed").level(Level::Api);
        found.add(hit.is(format!("removed in {release}")), both.place);
    } else if let (None, Some(release)) = (&old.deprecated, &new.deprecated) {
        let hit = Hit::new(&rules::DEPRECATED, both.name, "is deprecated");
        let hit = match &new.replacement {
            Some(replacement) => hit.hint(format!("use `{replacement}`")),
            None => hit,
        };
        found.add(hit.is(format!("deprecated in {release}")), both.place);
    } else if let (Some(release), None) = (&old.deprecated, &new.deprecated) {
        let hit = Hit::new(&rules::DEPRECATED, both.name, "is no longer deprecated");
        let hit = hit.hint("say in its documentation that it stays");
        found.add(hit.was(format!("deprecated in {release}")), both.place);
    }
}
