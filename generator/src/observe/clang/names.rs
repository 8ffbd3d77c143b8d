//! What structs, unions and enumerations are called.

use std::collections::{BTreeMap, BTreeSet};

use syn::ItemMod;

use super::items::Alias;
use super::questions::IS_TYPE;
use super::reading::{FIELD, ITEM, OURS, Reading, is_unnamed};
use super::record::Raw;
use super::types::named;

/// What is called what, by the name in Rust. An unnamed union inside a struct has no name, and an
/// unnamed enumeration has constants only.
pub(super) struct Names {
    pub(super) records: BTreeMap<String, String>,
    pub(super) enums: BTreeMap<String, String>,
}

impl Names {
    pub(super) fn of(
        reading: &Reading,
        records: &BTreeMap<String, Raw<'_>>,
        aliases: &[Alias],
        enums: &[&ItemMod],
    ) -> Self {
        let typedefs = Typedefs::of(reading, aliases);
        let values: BTreeSet<&str> = reading
            .notes
            .values
            .keys()
            .filter_map(|rust| rust.strip_prefix(ITEM))
            .collect();
        let enums: Vec<String> = enums
            .iter()
            .map(|module| module.ident.to_string())
            .collect();
        let mut all = BTreeMap::new();
        for rust in records.keys().chain(&enums) {
            let tag = reading
                .notes
                .types
                .get(rust)
                .and_then(|origin| origin.tag.as_deref());
            if let Some(tag) = tag.filter(|_| !is_unnamed(rust)) {
                let mut name = typedefs.name(rust, tag);
                // `struct stat` and the function `stat`: tags are a world of their own in C.
                if values.contains(name.as_str()) {
                    name.push_str(".tag");
                }
                all.insert(rust.clone(), name);
            }
        }
        for rust in records.keys().filter(|rust| !is_unnamed(rust)) {
            let name = all.get(rust).cloned();
            if let Some(name) = name {
                name_inside(rust, &name, records, &mut all);
            }
        }
        for alias in aliases {
            let (Some(rust), Some(name)) = (named(&alias.ty), alias.name.strip_prefix(ITEM)) else {
                continue;
            };
            if is_unnamed(&rust) && !all.contains_key(&rust) {
                let name = format!("{name}.unnamed");
                name_inside(&rust, &name, records, &mut all);
                all.insert(rust, name);
            }
        }
        let (records, enums) = all
            .into_iter()
            .filter(|(_, name)| !name.starts_with(OURS))
            .partition(|(rust, _)| records.contains_key(rust));
        Names { records, enums }
    }
}

/// Names what is unnamed in a struct by the fields that have it, and what is unnamed in that.
fn name_inside(
    rust: &str,
    name: &str,
    records: &BTreeMap<String, Raw<'_>>,
    all: &mut BTreeMap<String, String>,
) {
    let Some(raw) = records.get(rust) else { return };
    for (field, ty) in &raw.fields {
        let Some(inner) = named(ty).filter(|inner| is_unnamed(inner)) else {
            continue;
        };
        match field.strip_prefix(FIELD) {
            Some(field) if !all.contains_key(&inner) => {
                let path = format!("{name}.{field}");
                all.insert(inner.clone(), path.clone());
                name_inside(&inner, &path, records, all);
            }
            Some(_) => {}
            // An anonymous member: its fields are the struct's own.
            None => name_inside(&inner, name, records, all),
        }
    }
}

/// Which typedefs there are.
struct Typedefs {
    /// Tags that are typedefs, too.
    same: BTreeSet<String>,
    /// The first typedef of each type, by the type's name in Rust.
    first: BTreeMap<String, String>,
}

impl Typedefs {
    fn of(reading: &Reading, aliases: &[Alias]) -> Self {
        let mut first = BTreeMap::new();
        for alias in aliases {
            let is_direct = matches!(alias.ty, syn::Type::Path(_));
            if let (true, Some(rust), Some(name)) =
                (is_direct, named(&alias.ty), alias.name.strip_prefix(ITEM))
            {
                first.entry(rust).or_insert_with(|| name.to_owned());
            }
        }
        Typedefs {
            same: (reading.answers.declared.iter())
                .filter_map(|name| Some(name.strip_prefix(IS_TYPE)?.to_owned()))
                .collect(),
            first,
        }
    }

    /// The tag, where that is a typedef or has none, and else the first typedef.
    fn name(&self, rust: &str, tag: &str) -> String {
        match self.first.get(rust) {
            Some(alias) if !self.same.contains(tag) => alias.clone(),
            _ => tag.to_owned(),
        }
    }
}
