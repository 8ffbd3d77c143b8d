//! Structs and unions, one variant at a time.

mod fields;
mod parts;
mod picture;
mod view;

use std::collections::BTreeSet;

use super::class::{Class, class};
use super::found::{Found, Hit, Missing};
use super::reserve::Runs;
use super::rules::presence::KIND_CHANGED;
use super::rules::records as rules;
use super::usage::{Growth, growth};
use super::{Both, Sides, types};
use crate::report::{Level, Verdict};
use crate::surface::ctype::CType;
use crate::surface::{Kind, Layout, Record};
use parts::Parts;
use view::{Leaf, View, bits, bytes};

pub use picture::bytes as bytes_of;

/// Compares two structs that have one name, or of which one is the other renamed.
pub(super) fn diff(
    sides: &Sides<'_>,
    found: &mut Found,
    both: &Both<'_>,
    old: &Record,
    new: &Record,
) {
    let layouts = sides.variants.resolve(&old.layouts, &new.layouts);
    let all = layouts.labels();
    let missing = [
        (Missing::Old, &layouts.new_only),
        (Missing::New, &layouts.old_only),
    ];
    for (missing, labels) in missing {
        if !labels.is_empty() && !sides.is_opaque(both, missing) {
            found.gap(
                "layouts",
                "observe it with headers and a compiler that has the type complete",
                missing,
                both.name,
            );
        }
    }
    if old.is_union != new.is_union {
        let word = |record: &Record| {
            if record.is_union {
                "a union"
            } else {
                "a struct"
            }
        };
        let hit = Hit::new(&KIND_CHANGED, both.name, "is another kind of record");
        found.add(hit.sides(word(old), word(new)), both.place);
    }
    let mut hits: Vec<(Hit, BTreeSet<String>)> = Vec::new();
    for (labels, old_layout, new_layout) in layouts.both {
        found.compared(2 + old_layout.fields.len());
        let Some(variant) = labels.first().cloned() else {
            continue;
        };
        let comparison = Comparison {
            sides,
            both,
            variant: &variant,
            records: (old, new),
            old: View::new(old, old_layout),
            new: View::new(new, new_layout),
        };
        for facts in comparison.untyped() {
            found.gap(
                "types of fields",
                "observe it with libclang",
                facts,
                both.name,
            );
        }
        if old_layout != new_layout || comparison.has_named_bits() {
            hits.extend(
                comparison
                    .hits()
                    .into_iter()
                    .map(|hit| (hit, labels.clone())),
            );
        }
    }
    found.merge(hits, &all, both.place);
}

/// Two layouts of one struct on one variant.
struct Comparison<'a> {
    sides: &'a Sides<'a>,
    both: &'a Both<'a>,
    variant: &'a str,
    records: (&'a Record, &'a Record),
    old: View<'a>,
    new: View<'a>,
}

impl<'a> Comparison<'a> {
    /// Sides on which types are missing that the other side has.
    fn untyped(&self) -> BTreeSet<Missing> {
        let pairs = self.old.leaves.iter();
        let pairs = pairs.filter_map(|leaf| Some((leaf, self.new.find(leaf.name)?)));
        pairs
            .filter_map(|(old, new)| match (&old.field.ty, &new.field.ty) {
                (None, Some(_)) => Some(Missing::Old),
                (Some(_), None) => Some(Missing::New),
                _ => None,
            })
            .collect()
    }

    /// Whether bit-fields are declared as enumerations, which may have become signed.
    fn has_named_bits(&self) -> bool {
        let mut fields = self.old.layout.fields.iter();
        fields.any(|field| field.is_bit_field && matches!(field.ty, Some(CType::Enum(_))))
    }

    /// Everything that is worth saying.
    fn hits(&self) -> Vec<Hit> {
        let is_union = self.records.1.is_union;
        let same = |old: &Leaf<'_>, new: &Leaf<'_>| match (&old.field.ty, &new.field.ty) {
            (Some(old), Some(new)) => {
                types::change(self.sides, self.variant, old, new) == types::Change::Same
            }
            _ => true,
        };
        let (old_kinds, new_kinds) = (self.sides.old_kinds(), self.sides.new_kinds());
        let parts = Parts::new(
            [&self.old, &self.new],
            is_union,
            same,
            |leaf| self.inside(&old_kinds, leaf),
            |leaf| self.inside(&new_kinds, leaf),
        );
        let mut hits = Vec::new();
        let fields = fields::changes(self, &parts);
        self.added(&parts, same, &mut hits);
        self.gone(&parts, &mut hits);
        let other_cause = fields.moves || hits.iter().any(Hit::is_break);
        self.reserve(&parts, other_cause, &mut hits);
        hits.extend(fields.hits);
        self.whole(&parts, fields.moves, &mut hits);
        if self.geometry(&self.old) != self.geometry(&self.new)
            && let Some(worst) = worst(&mut hits)
        {
            let picture = picture::picture(self.variant, &self.old, &self.new);
            *worst = worst.clone().picture(picture);
        }
        hits
    }

    /// The fields of a field that is a struct, where they are in the struct around it.
    fn inside(&self, kinds: &dyn Fn(&str) -> Option<&'a Kind>, leaf: &Leaf<'a>) -> Vec<Leaf<'a>> {
        let Some(CType::Record(name)) = &leaf.field.ty else {
            return Vec::new();
        };
        let Some(Kind::Record(record)) = kinds(name) else {
            return Vec::new();
        };
        let leaves = record
            .layout(self.variant)
            .map(|layout| View::new(record, layout).leaves);
        let leaves = leaves.into_iter().flatten();
        leaves.map(|inner| inner.moved_by(leaf.start)).collect()
    }

    /// Where everything is.
    fn geometry(&self, view: &View<'a>) -> (u64, Vec<(&'a str, u64, u64)>) {
        let fields = view.leaves.iter();
        let fields = fields.map(|leaf| (leaf.name, leaf.start, leaf.end));
        (view.layout.size, fields.collect())
    }

    fn item(&self, leaves: &[Leaf<'_>]) -> String {
        match leaves {
            [one] => format!("{}.{}", self.both.name, one.name),
            _ => self.both.name.to_owned(),
        }
    }

    /// What follows when the struct grows.
    fn growth(&self) -> Growth {
        growth(
            &self.sides.old_seen.uses,
            self.both.old_name,
            self.records.0,
            self.records.1,
        )
    }

    /// `size 16` and what moved, for one side.
    fn outcome(&self, parts: &Parts<'_>) -> (String, String) {
        let (mut old, mut new) = (
            vec![format!("size {}", self.old.layout.size)],
            vec![format!("size {}", self.new.layout.size)],
        );
        for (before, after) in parts.moved() {
            old.push(format!("`{}` at {}", before.name, offset(&before)));
            new.push(format!("`{}` at {}", after.name, offset(&after)));
        }
        (old.join("; "), new.join("; "))
    }

    fn added(
        &self,
        parts: &Parts<'_>,
        same: impl Fn(&Leaf<'_>, &Leaf<'_>) -> bool,
        hits: &mut Vec<Hit>,
    ) {
        let (old, new) = self.outcome(parts);
        if !parts.in_the_middle.is_empty() {
            let leaves = &parts.in_the_middle;
            let message = format!("{} before others", names("added", leaves));
            let hit = Hit::new(
                &rules::FIELD_ADDED_IN_THE_MIDDLE,
                self.item(leaves),
                message,
            );
            hits.push(hit.sides(old.clone(), format!("{}; {new}", places(leaves))));
        }
        if !parts.in_padding.is_empty() {
            hits.push(self.in_padding(&parts.in_padding));
        }
        if !parts.overlaid.is_empty() {
            let leaves = &parts.overlaid;
            let message = format!("{} over bytes that are there", names("added", leaves));
            let hit = Hit::new(&rules::UNION_MEMBER_ADDED, self.item(leaves), message);
            // Another name of what is there needs nothing; what else an old library makes of the
            // bytes is its own affair.
            let is_alias = |leaf: &Leaf<'_>| {
                let mut known = self.old.leaves.iter();
                known.any(|one| one.range() == leaf.range() && same(one, leaf))
            };
            let hit = hit.new_binary(match leaves.iter().all(is_alias) {
                true => Verdict::Works,
                false => Verdict::Unknown,
            });
            hits.push(hit.sides(
                format!("size {}", self.old.layout.size),
                format!("{}; size {}", places(leaves), self.new.layout.size),
            ));
        }
        if !parts.at_end.is_empty() {
            let leaves = &parts.at_end;
            let hit = self.grown(
                Hit::new(
                    &rules::FIELD_ADDED_AT_END,
                    self.item(leaves),
                    names("added at the end", leaves),
                ),
                self.old.layout.size == self.new.layout.size,
            );
            hits.push(hit.sides(old, format!("{}; {new}", places(leaves))));
        }
    }

    fn in_padding(&self, leaves: &[Leaf<'_>]) -> Hit {
        let hit = Hit::new(
            &rules::FIELD_IN_PADDING,
            self.item(leaves),
            format!("{} in what was padding", names("added", leaves)),
        );
        let hit = hit.sides("padding", places(leaves));
        let allocated_by = self.records.0.usage.allocated_by;
        if allocated_by == Some(crate::surface::Allocator::Library) {
            return hit.level(Level::Addition);
        }
        hit
    }

    /// A struct that is larger than before breaks those who have its size.
    fn grown(&self, hit: Hit, same_size: bool) -> Hit {
        if same_size {
            return hit.level(Level::Addition);
        }
        match self.growth() {
            Growth::Breaks { hint: None, .. } => hit,
            Growth::Breaks {
                hint: Some(hint), ..
            } => hit.hint(hint),
            Growth::Works { why, says_its_size } => {
                let hit = hit
                    .level(Level::Addition)
                    .hint(format!("nothing, for {why}"));
                let new_binary = if says_its_size {
                    Verdict::Works
                } else {
                    Verdict::Breaks
                };
                hit.new_binary(new_binary)
            }
        }
    }

    fn gone(&self, parts: &Parts<'_>, hits: &mut Vec<Hit>) {
        let (old, new) = self.outcome(parts);
        for (leaf, instead) in &parts.removed {
            let message = match instead.as_slice() {
                [] => "the field is removed".to_owned(),
                instead => format!(
                    "the field is removed, and its bytes are {}",
                    listed(instead)
                ),
            };
            let hit = Hit::new(&rules::FIELD_REMOVED, self.item(&[*leaf]), message);
            hits.push(hit.sides(
                format!("`{}` {}; {old}", leaf.name, leaf.place()),
                match instead.as_slice() {
                    [] => new.clone(),
                    instead => format!("{}; {new}", places(instead)),
                },
            ));
        }
        for leaf in &parts.retired {
            let hit = Hit::new(
                &rules::FIELD_RETIRED,
                self.item(&[*leaf]),
                "the field is gone, and its bytes are kept",
            );
            hits.push(
                hit.sides(format!("`{}` {}", leaf.name, leaf.place()), "unused")
                    .old_binary(Verdict::Unknown)
                    .new_binary(Verdict::Works),
            );
        }
        for (outer, inner) in &parts.named {
            let message = format!("{} in `{}` now", names("kept", inner), outer.name);
            let hit = Hit::new(&rules::FIELD_RENAMED, self.item(inner), message);
            hits.push(hit.sides(places(inner), places(&[*outer])));
        }
        for (outer, inner) in &parts.unnamed {
            let message = format!("{} without `{}` now", names("kept", inner), outer.name);
            let hit = Hit::new(&rules::FIELD_RENAMED, self.item(&[*outer]), message);
            hits.push(hit.sides(places(&[*outer]), places(inner)));
        }
        for (before, after) in &parts.renamed {
            let hit = Hit::new(
                &rules::FIELD_RENAMED,
                self.item(&[*before]),
                format!("the field is called `{}` now", after.name),
            );
            hits.push(hit.sides(before.name, after.name));
        }
    }

    /// What lies in bytes that were kept for later, and whether it fits.
    fn reserve(&self, parts: &Parts<'_>, other_cause: bool, hits: &mut Vec<Hit>) {
        let retyped: Vec<Leaf<'_>> = (parts.still_reserved.iter())
            .filter(|(old, new)| old.range() == new.range() && old.field.ty != new.field.ty)
            .filter(|(old, new)| old.field.ty.is_some() && new.field.ty.is_some())
            .map(|(_, new)| *new)
            .collect();
        let mut users = parts.in_reserve.clone();
        let done = if users.is_empty() && parts.over_reserve.is_empty() {
            "typed"
        } else {
            "added"
        };
        users.extend(&retyped);
        if users.is_empty() && parts.over_reserve.is_empty() {
            return;
        }
        let was_kept = self.old.reserve().bits();
        let taken = Runs::new(retyped.iter().map(Leaf::range));
        let left = (self.new.reserve())
            .without(&self.new.used())
            .without(&taken);
        let (old, new) = self.outcome(parts);
        let same_frame = self.old.layout.size == self.new.layout.size
            && self.old.layout.align == self.new.layout.align
            && parts.moved().is_empty();
        let explained = other_cause || !parts.at_end.is_empty();
        let class = self.class_change();
        if parts.over_reserve.is_empty() && (same_frame || explained) && class.is_none() {
            let message = format!("{} inside of the reserve", names(done, &users));
            // What an old library makes of bytes that were kept is its own affair: it may insist on zero.
            let hit = Hit::new(&rules::RESERVE_USED, self.item(&users), message)
                .new_binary(Verdict::Unknown);
            let left = format!("{} left in reserve", bits(left.bits()));
            hits.push(hit.sides(
                format!("{} in reserve", bits(was_kept)),
                format!("{}; {left}", places(&users)),
            ));
            return;
        }
        users.extend(&parts.over_reserve);
        let message = format!("{} and does not fit into the reserve", names(done, &users));
        let hit = Hit::new(&rules::RESERVE_OVERRUN, self.item(&users), message);
        let (mut old, mut new) = (
            format!("{} in reserve; {old}", bits(was_kept)),
            format!("{}; {new}", places(&users)),
        );
        if self.old.layout.align != self.new.layout.align {
            old.push_str(&format!("; alignment {}", self.old.layout.align));
            new.push_str(&format!("; alignment {}", self.new.layout.align));
        }
        if let Some((before, after)) = class {
            old.push_str(&format!("; passed {}", before.words()));
            new.push_str(&format!("; passed {}", after.words()));
        }
        hits.push(hit.sides(old, new));
    }

    /// How it is passed before and after, when that differs and somebody passes it.
    fn class_change(&self) -> Option<(Class, Class)> {
        let passed = self.sides.old_seen.uses.is_by_value(self.both.old_name)
            || self.sides.new_seen.uses.is_by_value(self.both.name);
        if !passed {
            return None;
        }
        let (old_kinds, new_kinds) = (self.sides.old_kinds(), self.sides.new_kinds());
        let old = class(&old_kinds, self.variant, self.old.layout)?;
        let new = class(&new_kinds, self.variant, self.new.layout)?;
        (old != new).then_some((old, new))
    }

    /// Size, alignment and class, where no field explains them; and moves without a cause.
    fn whole(&self, parts: &Parts<'_>, fields_move: bool, hits: &mut Vec<Hit>) {
        let (old, new) = (self.old.layout, self.new.layout);
        let reserve_overrun = |hit: &Hit| hit.is_of(&rules::RESERVE_OVERRUN);
        let explained = fields_move
            || !parts.in_the_middle.is_empty()
            || !parts.removed.is_empty()
            || hits.iter().any(reserve_overrun);
        let moved = parts.moved();
        let realigned = old.align != new.align;
        if !moved.is_empty() && !explained {
            let leaves: Vec<Leaf<'_>> = moved.iter().map(|(before, _)| *before).collect();
            let hit = Hit::new(
                &rules::FIELD_MOVED,
                self.item(&leaves),
                format!("{} to another place", names("moved", &leaves)),
            );
            let (old, new) = self.outcome(parts);
            hits.push(hit.sides(old, new));
        }
        if new.size < old.size {
            let hit = Hit::new(&rules::STRUCT_SHRUNK, self.both.name, "is smaller");
            hits.push(hit.sides(bytes(old.size), bytes(new.size)));
        } else if new.size > old.size && !explained && parts.at_end.is_empty() {
            let hit = Hit::new(&rules::STRUCT_GROWN, self.both.name, "is larger");
            let hit = self.grown(hit, false);
            hits.push(hit.sides(bytes(old.size), bytes(new.size)));
        }
        if realigned && !hits.iter().any(reserve_overrun) {
            hits.push(self.realigned(old, new));
        }
        if old.size == new.size
            && !hits.iter().any(Hit::is_break)
            && let Some((before, after)) = self.class_change()
        {
            let hit = Hit::new(
                &rules::CALLING_CLASS,
                self.both.name,
                "is passed by value in another way",
            );
            hits.push(hit.sides(before.words(), after.words()));
        }
    }

    fn realigned(&self, old: &Layout, new: &Layout) -> Hit {
        let hit = Hit::new(
            &rules::ALIGNMENT_CHANGED,
            self.both.name,
            "has another alignment",
        );
        let hit = hit.sides(bytes(old.align), bytes(new.align));
        match self.growth() {
            Growth::Works { why, .. } if old.align < new.align => hit
                .level(Level::Compatible)
                .hint(format!("nothing, for {why}")),
            _ => hit,
        }
    }
}

fn worst(hits: &mut [Hit]) -> Option<&mut Hit> {
    let level = hits.iter().map(Hit::is_break).max()?;
    hits.iter_mut().find(|hit| hit.is_break() == level)
}

fn offset(leaf: &Leaf<'_>) -> String {
    if leaf.field.is_bit_field {
        format!("bit {}", leaf.start)
    } else {
        (leaf.start / 8).to_string()
    }
}

/// `` `a`, `b` ``.
fn listed(leaves: &[Leaf<'_>]) -> String {
    let names = leaves.iter().map(|leaf| format!("`{}`", leaf.name));
    Vec::from_iter(names).join(", ")
}

/// `` `a` is added `` or `` `a`, `b` are added ``.
fn names(done: &str, leaves: &[Leaf<'_>]) -> String {
    let verb = if leaves.len() == 1 { "is" } else { "are" };
    format!("{} {verb} {done}", listed(leaves))
}

/// Where fields are: `` `a` at 8, 4 bytes ``.
fn places(leaves: &[Leaf<'_>]) -> String {
    let places = leaves
        .iter()
        .map(|leaf| format!("`{}` {}", leaf.name, leaf.place()));
    Vec::from_iter(places).join("; ")
}
