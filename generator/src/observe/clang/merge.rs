//! Puts surfaces of one thing together: what is the same once, and what differs with the way to
//! compile that it differs in.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::surface::{Item, Kind, Surface, Variant};

/// Adds what another reading of the same thing found.
pub fn merge(into: &mut Surface, from: Surface) {
    let labels = from
        .about
        .wheres
        .iter()
        .cloned()
        .collect::<Vec<_>>()
        .join("+");
    if into.about.subject.is_empty() {
        into.about.subject = from.about.subject;
    }
    into.about.facts.extend(from.about.facts);
    into.about.evidence.extend(from.about.evidence);
    into.about.wheres.extend(from.about.wheres);
    for (name, item) in from.items {
        match into.items.get_mut(&name) {
            Some(known) => merge_item(known, item, &labels),
            None => {
                into.items.insert(name, item);
            }
        }
    }
}

fn merge_item(into: &mut Item, from: Item, label: &str) {
    Arc::make_mut(&mut into.declared).extend(Arc::unwrap_or_clone(from.declared));
    into.exported = match (into.exported.take(), from.exported) {
        (Some(mut these), Some(those)) => {
            Arc::make_mut(&mut these).extend(Arc::unwrap_or_clone(those));
            Some(these)
        }
        (these, those) => these.or(those),
    };
    match (&mut into.kind, from.kind) {
        (Kind::Record(these), Kind::Record(those)) => {
            add(&mut these.layouts, those.layouts, label);
        }
        (Kind::Alias(these), Kind::Alias(those))
        | (Kind::Variable(these), Kind::Variable(those)) => {
            add(these, those, label);
        }
        (Kind::Function(these), Kind::Function(those)) => {
            add(Arc::make_mut(these), Arc::unwrap_or_clone(those), label);
        }
        (Kind::Constant(these), Kind::Constant(those)) => {
            Arc::make_mut(these).extend(Arc::unwrap_or_clone(those));
        }
        (Kind::Enum(these), Kind::Enum(those)) => {
            add(&mut these.unit, those.unit, label);
            for member in those.members {
                if !these.members.contains(&member) {
                    these.members.push(member);
                }
            }
        }
        // One name, two things: what says more stands.
        (these, those) if rank(&those) > rank(these) => *these = those,
        _ => {}
    }
}

/// A fact that is known already is not repeated; one that differs is of this way to compile.
fn add<T: PartialEq>(into: &mut BTreeMap<Variant, T>, from: BTreeMap<Variant, T>, label: &str) {
    for (variant, value) in from {
        match into.get(&variant) {
            None => {
                into.insert(variant, value);
            }
            Some(known) if *known == value => {}
            Some(_) => {
                into.insert(format!("{variant}/{label}"), value);
            }
        }
    }
}

fn rank(kind: &Kind) -> u8 {
    match kind {
        Kind::Macro => 0,
        Kind::Alias(_) => 1,
        Kind::Constant(_) => 2,
        Kind::Bits(_) | Kind::Enum(_) | Kind::Record(_) | Kind::Slots(_) => 3,
        Kind::Variable(_) | Kind::Function(_) => 4,
    }
}
