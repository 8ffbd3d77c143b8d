//! What a surface speaks of as a whole.

use std::collections::{BTreeMap, BTreeSet};

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
    fn add<T>(labels: &mut BTreeSet<String>, facts: &BTreeMap<String, T>) {
        for label in facts.keys() {
            if !labels.contains(label) {
                labels.insert(label.clone());
            }
        }
    }
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
    for item in surface.items.values() {
        let values = match &item.kind {
            Kind::Constant(values) => Some(values.keys()),
            _ => None,
        };
        // Most are declared in all ways, which one look tells.
        let is_everywhere = item.declared.keys().eq(&labels);
        let declared = item.declared.keys().filter(|_| !is_everywhere);
        for label in declared.chain(values.into_iter().flatten()) {
            if !labels.contains(label) {
                labels.insert(label.clone());
            }
        }
    }
    labels
}

fn exports(surface: &Surface) -> BTreeSet<String> {
    let mut sets = surface
        .items
        .values()
        .filter_map(|i| i.exported.as_ref())
        .peekable();
    let was_read = sets.peek().is_some();
    let mut labels = BTreeSet::new();
    for label in sets.flatten() {
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
