//! What symbol tables say of a name that both sides export.

use std::collections::BTreeSet;

use super::found::{Found, Hit, Missing};
use super::rules::{availability, functions};
use super::{Both, Sides};
use crate::report::{Level, Verdict};
use crate::surface::ctype::CType;
use crate::surface::{Bound, Item, Kind, SYMBOL_VERSION, Surface, Symbol, size};

/// Compares them.
pub(super) fn diff(sides: &Sides<'_>, found: &mut Found, both: &Both<'_>) {
    if !are_read(sides, both) {
        return;
    }
    let is_variable = |item: &Item| matches!(item.kind, Kind::Variable(_));
    if is_variable(both.old) && is_variable(both.new) {
        found.compared(1);
        let hit = thread_local(both).or_else(|| resized(sides, both));
        hit.into_iter().for_each(|hit| found.add(hit, both.place));
    }
    for hit in versions(sides, both) {
        found.add(hit, both.place);
    }
}

/// Whether both sides have a binary that exports it.
fn are_read(sides: &Sides<'_>, both: &Both<'_>) -> bool {
    let is_read = |item: &Item, side| {
        let exported = item.exported.as_ref();
        sides.has_symbols(side) && exported.is_some_and(|wheres| !wheres.is_empty())
    };
    is_read(both.old, Missing::Old) && is_read(both.new, Missing::New)
}

fn thread_local(both: &Both<'_>) -> Option<Hit> {
    let word = |item: &Item| match item.symbol.thread_local {
        true => "one for each thread",
        false => "one for all threads",
    };
    let (old, new) = (word(both.old), word(both.new));
    let message = format!("there is {new} now");
    let hit = Hit::new(&functions::VARIABLE_THREAD_LOCAL, both.name, message);
    (old != new).then(|| hit.sides(old, new))
}

/// Another size that no type tells.
fn resized(sides: &Sides<'_>, both: &Both<'_>) -> Option<Hit> {
    // No executable has a copy of it.
    if both.old.symbol.thread_local {
        return None;
    }
    let told = (
        told_size(sides.old, both.old),
        told_size(sides.new, both.new),
    );
    if told.0.is_some() && told.1.is_some() {
        return None;
    }
    let old = told.0.or(both.old.symbol.size)?;
    let new = told.1.or(both.new.symbol.size)?;
    let hit = Hit::new(&functions::VARIABLE_SIZE, both.name, "has another size");
    (old != new).then(|| hit.sides(format!("{old} bytes"), format!("{new} bytes")))
}

/// The size that follows from a variable's type.
fn told_size(surface: &Surface, item: &Item) -> Option<u64> {
    let kinds = |name: &str| surface.items.get(name).map(|item| &item.kind);
    let Kind::Variable(types) = &item.kind else {
        return None;
    };
    let mut types = types.iter();
    types.find_map(|(variant, ty)| size::bytes(&kinds, variant, ty))
}

/// Whether the types of a variable differ in that one is an array without a length, so that sizes
/// tell more than types.
pub(super) fn is_length_told<'a>(old: &'a CType, new: &'a CType) -> Option<(&'a CType, &'a CType)> {
    // Some readers take an array without a length for one of nothing.
    let is_told = |length: Option<u64>| length.is_some_and(|length| length > 0);
    match (old, new) {
        (
            CType::Array {
                length: before,
                of: old,
            },
            CType::Array {
                length: now,
                of: new,
            },
        ) if is_told(*before) != is_told(*now) => Some((old, new)),
        _ => None,
    }
}

/// The version that is linked.
fn linked(symbol: &Symbol) -> Option<&str> {
    let mut versions = symbol.versions.iter();
    let found = versions.find(|(_, bound)| **bound == Bound::Linked);
    found.map(|(version, _)| version.as_str())
}

/// Whether what was linked to the old side goes on finding what it was linked to, while what is
/// linked now gets something else under the same name.
pub(super) fn is_old_one_kept(both: &Both<'_>) -> bool {
    let (old, new) = (&both.old.symbol, &both.new.symbol);
    linked(old).is_some_and(|version| new.versions.get(version) == Some(&Bound::Kept))
}

/// The versions that a side defines at all.
fn defined(surface: &Surface) -> BTreeSet<&str> {
    let facts = surface.about.facts.iter();
    let versions = facts.filter(|(key, _)| key == SYMBOL_VERSION);
    versions.map(|(_, version)| version.as_str()).collect()
}

/// Whether a symbol is found by who asks for a version. One without a version stands for any that its
/// library defines.
fn serves(symbol: &Symbol, defined: &BTreeSet<&str>, version: &str) -> bool {
    let is_plain = symbol.versions.is_empty() && defined.contains(version);
    is_plain || symbol.versions.contains_key(version)
}

fn versions(sides: &Sides<'_>, both: &Both<'_>) -> Vec<Hit> {
    let (old, new) = (&both.old.symbol, &both.new.symbol);
    let (before, now) = (defined(sides.old), defined(sides.new));
    let mut hits = Vec::new();
    let old_versions = old.versions.keys().map(String::as_str);
    let lost: Vec<&str> = old_versions
        .filter(|version| !serves(new, &now, version))
        .collect();
    if !lost.is_empty() {
        let message = format!("is no longer there as {}", listed(both.name, &lost));
        let hit = Hit::new(&availability::SYMBOL_VERSION_REMOVED, both.name, message);
        hits.push(match now.is_empty() {
            // glibc warns and goes on, or ends where the library has no versions of others either.
            true => hit
                .level(Level::Undecided)
                .new_binary(Verdict::Works)
                .hint("give the library versions again; loaders differ in what they make of none"),
            false => hit.new_binary(Verdict::Works),
        });
    }
    let is_kept = |version: &str| old.versions.get(version) == Some(&Bound::Kept);
    let came = linked(new).filter(|version| is_kept(version) || !serves(old, &before, version));
    if let Some(version) = came {
        let message = format!(
            "what is linked now asks for {}",
            listed(both.name, &[version])
        );
        let hit = Hit::new(&availability::SYMBOL_VERSION_ADDED, both.name, message);
        // Loaders ask a library without versions for none.
        hits.push(match is_kept(version) || before.is_empty() {
            true => hit
                .level(Level::Compatible)
                .hint("nothing, for the old library serves it as well"),
            false => hit,
        });
    }
    if is_old_one_kept(both) && linked(new).is_none() {
        let message = "is there only for what is linked already";
        let hit = Hit::new(&availability::SYMBOL_VERSION_REMOVED, both.name, message);
        hits.push(hit.level(Level::Api));
    }
    let hits = hits.into_iter().map(|hit| hit.sides(all(old), all(new)));
    hits.collect()
}

/// `` `area@LIB_1`, `area@LIB_2` ``.
fn listed(name: &str, versions: &[&str]) -> String {
    let names = versions.iter().map(|version| format!("`{name}@{version}`"));
    Vec::from_iter(names).join(", ")
}

/// Every version that a symbol has.
fn all(symbol: &Symbol) -> String {
    let versions = symbol.versions.iter();
    let words = versions.map(|(version, bound)| match bound {
        Bound::Linked => format!("{version}, linked"),
        Bound::Kept => format!("{version}, kept"),
    });
    match Vec::from_iter(words).join("; ") {
        words if words.is_empty() => "no version".to_owned(),
        words => words,
    }
}
