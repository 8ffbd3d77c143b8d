//! Fields that both sides have, and whose type or width is another.

use super::Comparison;
use super::parts::Parts;
use super::view::{Leaf, bits, bytes};
use crate::diff::found::Hit;
use crate::diff::functions::converts;
use crate::diff::rules::records as rules;
use crate::diff::types::{Change, bit_field, change, unit};
use crate::diff::usage::Growth;
use crate::report::{Level, Verdict};
use crate::surface::ctype::CType;

/// What became of the fields that stay.
pub(super) struct Changes {
    /// Each of them.
    pub(super) hits: Vec<Hit>,
    /// Whether one of them is a reason that others move, or that the size changes.
    pub(super) moves: bool,
}

/// Compares the fields that stay.
pub(super) fn changes(comparison: &Comparison<'_>, parts: &Parts<'_>) -> Changes {
    let mut changes = Changes {
        hits: Vec::new(),
        moves: false,
    };
    for (old, new) in &parts.kept {
        let Some(hit) = field(comparison, parts, old, new) else {
            continue;
        };
        changes.moves |=
            old.field.bits != new.field.bits || old.field.is_bit_field != new.field.is_bit_field;
        changes.hits.push(hit);
    }
    changes
}

fn field(
    comparison: &Comparison<'_>,
    parts: &Parts<'_>,
    old: &Leaf<'_>,
    new: &Leaf<'_>,
) -> Option<Hit> {
    let item = comparison.item(&[*old]);
    let resized = old.field.bits != new.field.bits;
    let (before, after) = comparison.outcome(parts);
    let facts = |hit: Hit, from: String, to: String| {
        if resized {
            hit.sides(format!("{from}; {before}"), format!("{to}; {after}"))
        } else {
            hit.sides(from, to)
        }
    };
    if old.field.is_bit_field != new.field.is_bit_field
        || (old.field.is_bit_field && old.field.bits != new.field.bits)
    {
        let hit = Hit::new(&rules::BIT_FIELD_WIDTH, item, "has another width");
        return Some(facts(hit, bits(old.field.bits), bits(new.field.bits)));
    }
    let types = old.field.ty.as_ref().zip(new.field.ty.as_ref());
    let compare = if old.field.is_bit_field {
        bit_field
    } else {
        change
    };
    let kind = types.map_or(Change::Same, |(old, new)| {
        compare(comparison.sides, comparison.variant, old, new)
    });
    let hit = match kind {
        Change::Same if !resized => return None,
        Change::Same => match types.and_then(|(old, _)| record(old)) {
            Some(inner) => return Some(embedded(comparison, parts, item, inner, old, new)),
            // What is an enumeration yet, in a larger integer, may be used as before.
            None => Hit::new(&rules::FIELD_TYPE, item, "has another size").source(Verdict::Unknown),
        },
        Change::ConstAdded | Change::ConstRemoved => {
            Hit::new(&rules::FIELD_CONST, item, constness(kind))
        }
        Change::Retyped => Hit::new(
            &rules::FIELD_TYPE,
            item,
            "has another type of the same bytes",
        )
        .level(Level::Api),
        Change::Unknown if !resized => Hit::new(
            &rules::FIELD_TYPE,
            item,
            "has a type that is not understood",
        )
        .level(Level::Undecided)
        .source(Verdict::Unknown),
        Change::Signedness => Hit::new(&rules::FIELD_SIGNEDNESS, item, "is signed otherwise"),
        Change::Unknown | Change::Alignment | Change::Representation => {
            let hit = Hit::new(&rules::FIELD_TYPE, item, "has another type");
            match types.is_some_and(|(old, new)| converts(old, new)) {
                true => hit.source(Verdict::Unknown),
                false => hit,
            }
        }
    };
    let sides = comparison.sides;
    let (old_unit, new_unit) = types.map_or((None, None), |(old, new)| {
        let variant = comparison.variant;
        (
            unit(sides.old_kinds(), variant, old),
            unit(sides.new_kinds(), variant, new),
        )
    });
    let shown = |leaf: &Leaf<'_>, unit: Option<&CType>, other: &Leaf<'_>| {
        let (spelled, others) = (leaf.spelled(), other.spelled());
        match &leaf.field.ty {
            // Two names are spelled alike when what they stand for changed.
            Some(CType::Enum(_)) if spelled == others => match unit {
                Some(unit) => format!("{spelled} (kept in {unit})"),
                None => spelled,
            },
            Some(ty) if spelled == others => format!("{spelled} ({ty})"),
            None if spelled == others => format!("{spelled}, {}", bytes(leaf.field.bits / 8)),
            _ => spelled,
        }
    };
    Some(facts(
        hit,
        shown(old, old_unit, new),
        shown(new, new_unit, old),
    ))
}

/// What became of `const`.
pub(super) fn constness(change: Change) -> &'static str {
    match change {
        Change::ConstAdded => "points at something constant now",
        _ => "points at something that is no longer constant",
    }
}

/// The struct that a type has inside of it.
fn record(ty: &CType) -> Option<&str> {
    match ty {
        CType::Record(name) => Some(name),
        CType::Array { of, .. } => record(of),
        _ => None,
    }
}

/// A consequence, told briefly.
fn embedded(
    comparison: &Comparison<'_>,
    parts: &Parts<'_>,
    item: String,
    inner: &str,
    old: &Leaf<'_>,
    new: &Leaf<'_>,
) -> Hit {
    let hit = Hit::new(
        &rules::EMBEDDED_STRUCT,
        item,
        format!("changes with `{inner}`"),
    );
    let (before, after) = comparison.outcome(parts);
    let hit = hit.sides(
        format!("{}; {before}", bytes(old.field.bits / 8)),
        format!("{}; {after}", bytes(new.field.bits / 8)),
    );
    match comparison.growth() {
        Growth::Works { why, .. } if parts.moved().is_empty() && old.end < new.end => hit
            .level(Level::Addition)
            .hint(format!("nothing, for {why}")),
        _ => hit,
    }
}
