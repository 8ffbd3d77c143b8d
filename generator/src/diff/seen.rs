//! What a surface speaks of as a whole.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::usage::Uses;
use crate::surface::{ANYWHERE, Evidence, Kind, Surface};

/// The labels of a surface, and how its types are used.
#[derive(Debug)]
pub(super) struct Seen {
    /// Data models and what runs.
    pub(super) variants: BTreeSet<String>,
    /// Ways to compile.
    pub(super) wheres: BTreeSet<String>,
    /// What exports symbols.
    pub(super) exports: BTreeSet<String>,
    pub(super) uses: Uses,
}

impl Seen {
    pub(super) fn of(surface: &Surface) -> Self {
        let exports = exports(surface);
        Seen {
            variants: variants(surface),
            wheres: wheres(surface, &exports),
            exports,
            uses: Uses::of(surface),
        }
    }
}

fn variants(surface: &Surface) -> BTreeSet<String> {
    let mut labels = BTreeSet::new();
    for item in surface.items.values() {
        match &item.kind {
            Kind::Record(record) => add(&mut labels, &record.layouts),
            Kind::Enum(body) => add(&mut labels, &body.unit),
            Kind::Alias(variants) | Kind::Variable(variants) => add(&mut labels, variants),
            Kind::Function(variants) => add(&mut labels, variants),
            Kind::Constant(_) | Kind::Bits(_) | Kind::Slots(_) | Kind::Macro => {}
        }
    }
    labels
}

/// The ways to compile. What merely runs, the `3.14t` whose symbols were read, is none of them.
fn wheres(surface: &Surface, exports: &BTreeSet<String>) -> BTreeSet<String> {
    let mut labels = surface.about.wheres.clone();
    if surface.has(Evidence::Symbols) {
        labels.retain(|label| label == ANYWHERE || !exports.contains(label));
    }
    let declared = surface.items.values().map(|item| &item.declared);
    for declared in distinct(declared) {
        add(&mut labels, declared);
    }
    for item in surface.items.values() {
        if let Kind::Constant(values) = &item.kind {
            add(&mut labels, values);
        }
    }
    labels
}

/// What is shared by things that follow one another comes once.
fn distinct<'a, T: 'a>(all: impl Iterator<Item = &'a Arc<T>>) -> impl Iterator<Item = &'a T> {
    let mut last = None;
    all.filter(move |one| {
        let again = last.is_some_and(|last| Arc::ptr_eq(last, one));
        last = Some(*one);
        !again
    })
    .map(Arc::as_ref)
}

fn exports(surface: &Surface) -> BTreeSet<String> {
    let sets = surface.items.values();
    let mut sets = sets.filter_map(|item| item.exported.as_ref()).peekable();
    let was_read = sets.peek().is_some();
    let mut labels = BTreeSet::new();
    for label in distinct(sets).flatten() {
        if !labels.contains(label) {
            labels.insert(label.clone());
        }
    }
    // A binary that exports nothing at all, or nothing that is listed.
    if labels.is_empty() && (was_read || surface.has(Evidence::Symbols)) {
        labels.insert(ANYWHERE.to_owned());
    }
    labels
}

fn add<T>(labels: &mut BTreeSet<String>, facts: &BTreeMap<String, T>) {
    for label in facts.keys() {
        if !labels.contains(label) {
            labels.insert(label.clone());
        }
    }
}
