//! Where the fields of a struct lie, for structs that a page can show.

use super::table::{Table, merge};
use super::{Observed, cell};
use crate::surface::{Kind, Layout};

/// A struct with more fields is not shown whole; what changes of it is in the list of changes.
const MOST_FIELDS: usize = 20;

/// A table of a struct's fields, when its layout is not the same everywhere.
pub(super) fn table(name: &str, observed: &[Observed]) -> Option<Table> {
    let layouts: Vec<Option<&Layout>> = observed.iter().map(|one| layout(name, one)).collect();
    let known: Vec<Vec<(&str, String)>> = layouts.iter().flatten().map(|l| fields(l)).collect();
    let (first, rest) = known.split_first()?;
    if rest.iter().all(|other| other == first) {
        return None;
    }
    let mut names: Vec<&str> = Vec::new();
    // The newest layout gives the order; what went comes after it.
    for (field, _) in known.iter().rev().flatten() {
        if !names.contains(field) {
            names.push(field);
        }
    }
    if names.len() > MOST_FIELDS {
        return None;
    }
    let rows = names.into_iter().map(|field| {
        let cells = layouts.iter().map(|layout| {
            let fields = layout.map(fields).unwrap_or_default();
            let found = fields.into_iter().find(|(name, _)| *name == field);
            found.map_or("–".to_owned(), |(_, place)| place)
        });
        (field.to_owned(), cells.collect())
    });
    Some(merge("field", rows.collect(), observed))
}

fn layout<'a>(name: &str, one: &'a Observed) -> Option<&'a Layout> {
    match &one.surface.items.get(name)?.kind {
        Kind::Record(record) => record.layouts.values().next(),
        _ => None,
    }
}

/// Name and place of each field. Those of anonymous members go by their own name.
pub(crate) fn fields(layout: &Layout) -> Vec<(&str, String)> {
    let mut fields: Vec<_> = layout
        .fields
        .iter()
        .filter_map(|field| {
            let name = field.in_source()?;
            Some((field.bit_offset, name, place(field.bit_offset, field.bits)))
        })
        .collect();
    fields.sort_by_key(|(offset, ..)| *offset);
    fields
        .into_iter()
        .map(|(_, name, place)| (name, place))
        .collect()
}

/// `8, 4 bytes`.
fn place(offset: u64, bits: u64) -> String {
    if !offset.is_multiple_of(8) || !bits.is_multiple_of(8) {
        return format!("bit {offset}, {bits} bits");
    }
    format!("{}, {}", offset / 8, cell::bytes(bits / 8))
}
