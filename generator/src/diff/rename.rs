//! What has another name and the same shape.

use std::collections::{BTreeMap, BTreeSet};

use super::beside;
use crate::surface::ctype::CType;
use crate::surface::{Item, Kind, Surface};

/// From here on two names are alike.
const ALIKE: f64 = 0.7;
/// More candidates of one shape than this say nothing about each other.
const MOST: usize = 50;

/// Items of the old side that are gone, and which new one has their shape.
pub(super) fn pairs<'a>(old: &'a Surface, new: &'a Surface) -> BTreeMap<&'a str, &'a str> {
    let (gone, fresh) = (by_shape(old, new), by_shape(new, old));
    let mut pairs = BTreeMap::new();
    for (shape, gone) in &gone {
        let Some(fresh) = fresh.get(shape) else {
            continue;
        };
        match (gone.as_slice(), fresh.as_slice()) {
            // Nobody has the same many fields by accident.
            ([old], [new]) if shape.tells => {
                pairs.insert(*old, *new);
            }
            (gone, fresh) if gone.len().max(fresh.len()) <= MOST => {
                for old in gone {
                    if let Some(new) =
                        nearest(old, fresh).filter(|new| nearest(new, gone) == Some(*old))
                    {
                        pairs.insert(*old, new);
                    }
                }
            }
            _ => {}
        }
    }
    pairs
}

/// Tags that differ behind a typedef that both sides have. Nobody compiles a tag in.
pub(super) fn tags<'a>(old: &'a Surface, new: &'a Surface) -> BTreeSet<(&'a str, &'a str)> {
    let both = beside(old, new).filter_map(|(name, old, new)| Some((name, old, new?)));
    both.filter(|(_, old, new)| {
        matches!(old.kind, Kind::Alias(_)) || matches!(new.kind, Kind::Alias(_))
    })
    .filter_map(|(name, old, new)| Some((tag(name, old)?, tag(name, new)?)))
    .filter(|(old, new)| old != new)
    .collect()
}

/// What types call a struct or an enumeration.
fn tag<'a>(name: &'a str, item: &'a Item) -> Option<&'a str> {
    match &item.kind {
        Kind::Record(_) | Kind::Enum(_) => Some(name),
        Kind::Alias(variants) => match variants.values().next()? {
            CType::Record(tag) | CType::Enum(tag) => Some(tag),
            _ => None,
        },
        _ => None,
    }
}

/// The most similar of some names, when it is similar and no other is as much.
fn nearest<'a>(name: &str, names: &[&'a str]) -> Option<&'a str> {
    let mut scored: Vec<(f64, &str)> = names
        .iter()
        .map(|other| (strsim::normalized_levenshtein(name, other), *other))
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    match scored.as_slice() {
        [(best, _), (second, _), ..] if best == second => None,
        [(best, other), ..] if *best >= ALIKE => Some(other),
        _ => None,
    }
}

/// What stays when a thing is renamed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Shape {
    text: String,
    /// Whether it is enough to know a thing again.
    tells: bool,
}

/// Items that one side has alone, by shape.
fn by_shape<'a>(side: &'a Surface, other: &Surface) -> BTreeMap<Shape, Vec<&'a str>> {
    let mut shapes: BTreeMap<Shape, Vec<&str>> = BTreeMap::new();
    let alone = beside(side, other).filter(|(_, _, same)| same.is_none());
    for (name, item, _) in alone {
        if let Some(shape) = shape(item) {
            shapes.entry(shape).or_default().push(name);
        }
    }
    shapes
}

fn shape(item: &Item) -> Option<Shape> {
    let (text, tells) = match &item.kind {
        Kind::Record(record) => {
            let fields = record.layouts.values().map(|l| l.fields.len()).max()?;
            (
                format!("{:?}", (record.is_union, &record.layouts)),
                fields >= 2,
            )
        }
        Kind::Enum(body) if !body.members.is_empty() => (format!("{:?}", body.members), true),
        Kind::Function(variants) if !variants.is_empty() => (format!("{variants:?}"), false),
        Kind::Variable(variants) if !variants.is_empty() => (format!("{variants:?}"), false),
        Kind::Constant(values) if !values.is_empty() => (format!("{values:?}"), false),
        _ => return None,
    };
    Some(Shape {
        text: format!("{} {text}", item.kind.word()),
        tells,
    })
}
