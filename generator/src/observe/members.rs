//! Members of enumerations. libclang finds them in their enumeration, and a compiler that is asked
//! for one finds a constant; both mean the same.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::surface::{Form, Item, Kind, Life, Surface, Symbol, Value};

/// Adds each member as the constant that a compiler takes it for, so that both can be compared.
pub(super) fn unfold(surface: &mut Surface) {
    let mut constants = Vec::new();
    for item in surface.items.values() {
        let Kind::Enum(body) = &item.kind else {
            continue;
        };
        for (member, value) in &body.members {
            let labels = || item.declared.keys().cloned();
            let constant = Item {
                kind: Kind::Constant(Arc::new(
                    labels()
                        .map(|label| (label, Value::Number(*value)))
                        .collect(),
                )),
                declared: Arc::new(labels().map(|label| (label, Form::Constant)).collect()),
                exported: None,
                symbol: Symbol::default(),
                life: Life::default(),
                place: None,
            };
            constants.push((member.clone(), constant));
        }
    }
    for (member, constant) in constants {
        surface.items.entry(member).or_insert(constant);
    }
}

/// Drops the constants that are members of an enumeration.
pub(super) fn fold(surface: &mut Surface) {
    let members: BTreeSet<String> = surface
        .items
        .values()
        .filter_map(|item| match &item.kind {
            Kind::Enum(body) => Some(body.members.iter().map(|(member, _)| member.clone())),
            _ => None,
        })
        .flatten()
        .collect();
    surface
        .items
        .retain(|name, item| !(members.contains(name) && matches!(item.kind, Kind::Constant(_))));
}
