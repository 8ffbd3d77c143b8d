//! Every struct, in each layout that it has somewhere.

use std::collections::{BTreeMap, BTreeSet};

use super::Subject;
use crate::diff::bytes_of;
use crate::history::Observed;
use crate::report::Bytes;
use crate::surface::label::{Labels, compare};
use crate::surface::{Kind, Layout, Record, Surface};

/// A struct.
pub(super) struct Struct<'a> {
    pub(super) name: &'a str,
    /// Its page.
    pub(super) file: String,
    /// Whether it is of ours, and not CPython's.
    pub(super) is_own: bool,
    /// Whether no snapshot has it, so that the manifest alone tells.
    pub(super) is_declared: bool,
    /// Its layouts, the oldest first. None where it is only declared everywhere.
    pub(super) shapes: Vec<Shape<'a>>,
}

/// A layout, and where it is so.
pub(super) struct Shape<'a> {
    /// `3.8 to 3.12, 3.13t`, or data models.
    pub(super) label: String,
    pub(super) layout: &'a Layout,
    pub(super) bytes: Bytes,
    /// The CPythons that have it, as places in the list of snapshots.
    pub(super) observed: Vec<usize>,
}

/// Those of ours, then CPython's, each by name.
pub(super) fn all<'a>(subject: &Subject<'a>) -> Vec<Struct<'a>> {
    let own: BTreeSet<&str> = (subject.model.present_structs())
        .map(|(entry, _)| entry.name.as_str())
        .collect();
    let surfaces = subject.observed.iter().map(|one| &one.surface);
    let theirs: BTreeSet<&str> = surfaces
        .chain([subject.surface])
        .flat_map(records)
        .filter(|name| !own.contains(name))
        .collect();
    let mut files = BTreeSet::new();
    let names = own.iter().map(|name| (*name, true));
    let names = names.chain(theirs.into_iter().map(|name| (name, false)));
    let structs = names.map(|(name, is_own)| {
        let seen = of_snapshots(name, subject.observed);
        let is_declared = seen.is_empty();
        Struct {
            name,
            file: file(name, &mut files),
            is_own,
            is_declared,
            shapes: match is_declared {
                true => of_manifest(name, subject.surface),
                false => seen,
            },
        }
    });
    structs.collect()
}

fn records(surface: &Surface) -> impl Iterator<Item = &str> {
    let records = surface.items.iter();
    let records = records.filter(|(_, item)| matches!(item.kind, Kind::Record(_)));
    records.map(|(name, _)| name.as_str())
}

/// Names differ by case alone, and some systems' files may not.
fn file(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut file = format!("struct-{name}.html");
    let mut number = 2;
    while !taken.insert(file.to_lowercase()) {
        file = format!("struct-{name}-{number}.html");
        number += 1;
    }
    file
}

fn record<'a>(name: &str, surface: &'a Surface) -> Option<&'a Record> {
    match &surface.items.get(name)?.kind {
        Kind::Record(record) => Some(record),
        _ => None,
    }
}

fn of_snapshots<'a>(name: &str, observed: &'a [Observed]) -> Vec<Shape<'a>> {
    let mut shapes: Vec<Shape<'a>> = Vec::new();
    for (index, one) in observed.iter().enumerate() {
        let Some(record) = record(name, &one.surface) else {
            continue;
        };
        let Some(layout) = record.layouts.values().next() else {
            continue;
        };
        let bytes = bytes_of(record, layout);
        match shapes.iter_mut().find(|shape| shape.bytes == bytes) {
            Some(shape) => shape.observed.push(index),
            None => shapes.push(Shape {
                label: String::new(),
                layout,
                bytes,
                observed: vec![index],
            }),
        }
    }
    // By version, so that a free-threaded build is beside the GIL-enabled one.
    shapes.sort_by(|a, b| {
        let first = |shape: &Shape<'_>| shape.observed.first().map(|one| &observed[*one].label);
        match (first(a), first(b)) {
            (Some(a), Some(b)) => compare(a, b),
            (a, b) => a.cmp(&b),
        }
    });
    for shape in &mut shapes {
        shape.label = runs(&shape.observed, observed);
    }
    shapes
}

/// `3.8 to 3.12, 3.13t`: those that follow each other in the list, and are of one build, are a run.
pub(super) fn runs(some: &[usize], observed: &[Observed]) -> String {
    let build = |index: usize| observed[index].label.ends_with('t');
    let runs = some.chunk_by(|a, b| *b == *a + 1 && build(*a) == build(*b));
    let words = runs.filter_map(|run| {
        let (first, last) = (
            &observed[*run.first()?].label,
            &observed[*run.last()?].label,
        );
        Some(match run.len() {
            1 => first.clone(),
            _ => format!("{first} to {last}"),
        })
    });
    Vec::from_iter(words).join(", ")
}

fn of_manifest<'a>(name: &str, surface: &'a Surface) -> Vec<Shape<'a>> {
    let Some(record) = record(name, surface) else {
        return Vec::new();
    };
    let mut groups: Vec<(Bytes, &Layout, BTreeSet<String>)> = Vec::new();
    for (variant, layout) in &record.layouts {
        let bytes = bytes_of(record, layout);
        match groups.iter_mut().find(|(same, ..)| *same == bytes) {
            Some((.., variants)) => {
                variants.insert(variant.clone());
            }
            None => groups.push((bytes, layout, BTreeSet::from([variant.clone()]))),
        }
    }
    let all: BTreeSet<String> = record.layouts.keys().cloned().collect();
    let shapes = groups.into_iter().map(|(bytes, layout, variants)| Shape {
        label: places(&variants, &all),
        layout,
        bytes,
        observed: Vec::new(),
    });
    shapes.collect()
}

/// Data models by name; with CPythons, there are too many for that.
fn places(some: &BTreeSet<String>, all: &BTreeSet<String>) -> String {
    match all.iter().any(|variant| variant.contains('/')) {
        _ if some.len() == all.len() => "every data model".to_owned(),
        true => Labels::new(all).shorten(some).replace(' ', ", "),
        false => Vec::from_iter(some.iter().map(String::as_str)).join(", "),
    }
}

/// The page of each struct, by name.
pub(super) fn pages<'a>(structs: &'a [Struct<'_>]) -> BTreeMap<&'a str, &'a str> {
    let pages = structs.iter();
    let pages = pages.filter(|one| !one.shapes.is_empty());
    pages.map(|one| (one.name, one.file.as_str())).collect()
}
