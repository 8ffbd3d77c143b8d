//! The names that oracles are asked about. Names only: what they are told of no fact.

use std::collections::{BTreeMap, BTreeSet};

use super::mode;
use crate::model::Model;
use crate::surface::{Kind, Surface, UNKNOWN, UNKNOWN_LAYOUT};

/// Names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Each name, with the fields that it may have if it turns out to be a struct.
    pub fields: BTreeMap<String, BTreeSet<String>>,
    /// Names that some library exports, and that can therefore be no types or constants.
    pub symbols: BTreeSet<String>,
}

impl Names {
    /// What a manifest says of CPython, without what it says.
    #[must_use]
    pub fn of_model(model: &Model) -> Self {
        let mut names = Names::default();
        for (entry, body) in model.upstream() {
            let fields = body.layouts.iter().flat_map(|(_, fields)| fields);
            names.add(&entry.name, fields.map(|field| field.name.clone()));
        }
        for (entry, _) in model.symbols() {
            names.add(&entry.name, []);
        }
        for (entry, _) in model.slots() {
            names.add(&entry.name, []);
        }
        names
    }

    /// What a manifest says of CPython, and what it wants to be told of besides.
    #[must_use]
    pub fn of_interest(model: &Model) -> Self {
        let mut names = Names::of_model(model);
        for name in model.watched.iter().flat_map(|group| &group.names) {
            names.add(name, []);
        }
        names
    }

    /// What some other oracle has found.
    #[must_use]
    pub fn of_surface(surface: &Surface) -> Self {
        let mut names = Names::default();
        for (name, item) in &surface.items {
            let layouts = match &item.kind {
                Kind::Record(record) => record.layouts.values().collect(),
                _ => Vec::new(),
            };
            let fields = layouts.iter().flat_map(|layout| &layout.fields);
            names.add(name, fields.map(|field| field.name.clone()));
            if let Kind::Enum(body) = &item.kind {
                for (member, _) in &body.members {
                    names.add(member, []);
                }
            }
        }
        names
    }

    /// What a surface promises to those who keep to a limited API; all of a library.
    #[must_use]
    pub fn of_promised(surface: &Surface) -> Self {
        let mut promised = surface.clone();
        promised
            .items
            .retain(|_, item| item.declared.keys().any(|label| label != mode::FULL));
        Names::of_surface(&promised)
    }

    /// What a surface says of these.
    #[must_use]
    pub fn of(&self, surface: &Surface) -> Surface {
        let mut part = surface.clone();
        part.items.retain(|name, item| match &item.kind {
            Kind::Enum(body) => {
                self.contains(name) || body.members.iter().any(|(member, _)| self.contains(member))
            }
            _ => self.contains(name),
        });
        let named = |text: &str| {
            let layout = text.strip_prefix(UNKNOWN_LAYOUT);
            layout.is_none_or(|name| part.items.contains_key(name))
        };
        part.about
            .facts
            .retain(|(key, text)| key != UNKNOWN || named(text));
        part
    }

    fn add(&mut self, name: &str, fields: impl IntoIterator<Item = String>) {
        self.fields
            .entry(name.to_owned())
            .or_default()
            .extend(fields);
    }

    /// These and others.
    pub fn merge(&mut self, others: Names) {
        for (name, fields) in others.fields {
            self.add(&name, fields);
        }
        self.symbols.extend(others.symbols);
    }

    /// All of them, sorted.
    pub fn all(&self) -> impl Iterator<Item = &String> {
        let both: BTreeSet<&String> = self.fields.keys().chain(&self.symbols).collect();
        both.into_iter()
    }

    /// Whether a name is among them.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.fields.contains_key(name) || self.symbols.contains(name)
    }
}
