//! In which order C meets structs: the header of a family brings those of the families whose structs it
//! names.

use std::collections::{BTreeMap, BTreeSet};

use crate::manifest::entry::Entry;
use crate::manifest::{Family, Manifest, Text};
use crate::model::ty::Ty;

/// Where structs are, and what brings what.
pub(super) struct Order<'a> {
    /// The family of each struct of ours.
    homes: BTreeMap<&'a str, &'a str>,
    /// By family, those whose structs it names.
    brought: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Order<'a> {
    /// That of a manifest.
    pub(super) fn of(manifest: &'a Manifest) -> Self {
        let entries = |family: &'a Family| family.content.entries.iter();
        let structs = manifest.families.iter().flat_map(|family| {
            let structs = entries(family).filter(|entry| matches!(entry, Entry::Struct(_)));
            structs.map(|entry| (entry.name().value.as_str(), id(family)))
        });
        let homes: BTreeMap<_, _> = structs.collect();
        let brought = manifest.families.iter().map(|family| {
            let named = entries(family).flat_map(types).filter_map(struct_name);
            let homes = named.filter_map(|name| homes.get(name.as_str()).copied());
            (
                id(family),
                homes.filter(|home| *home != id(family)).collect(),
            )
        });
        Order {
            brought: brought.collect(),
            homes,
        }
    }

    /// The family of a struct that the header of another one brings; nothing where they are one.
    pub(super) fn brings(&self, family: &Family, name: &str) -> Option<&'a str> {
        let home = self.homes.get(name).copied();
        home.filter(|home| *home != id(family))
    }

    /// Whether what a family's header brings begins with another's.
    pub(super) fn needs(&self, family: &str, other: &Family) -> bool {
        let mut seen = BTreeSet::new();
        let mut todo = vec![family];
        while let Some(next) = todo.pop() {
            if next == id(other) {
                return true;
            }
            if seen.insert(next) {
                todo.extend(self.brought.get(next).into_iter().flatten());
            }
        }
        false
    }
}

fn id(family: &Family) -> &str {
    &family.content.family.value
}

/// The types that an entry of ours names.
fn types(entry: &Entry) -> Vec<&Text> {
    match entry {
        Entry::Struct(body) => body.fields.iter().map(|field| &field.ty).collect(),
        Entry::Function(body) => {
            let params = body.params.iter().map(|param| &param.ty);
            params.chain([&body.returns]).collect()
        }
        _ => Vec::new(),
    }
}

/// The struct that a type names, directly or behind pointers.
pub(super) fn struct_name(ty: &Text) -> Option<String> {
    Ty::parse(&ty.value)?.named().map(str::to_owned)
}
