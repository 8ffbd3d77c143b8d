//! Compares two surfaces: what changed, whom it breaks, and what could not be compared.
//!
//! Pure: two surfaces in, a report out. Each topic has a file here and one under [`rules`], and what
//! is equal for several data models or modes of the headers becomes one finding.

pub mod rules;

mod availability;
mod class;
mod found;
mod functions;
mod presence;
mod records;
mod rename;
mod reserve;
mod scope;
mod seen;
mod slots;
mod symbols;
mod types;
mod usage;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use crate::parallel;
use crate::report::{Level, Report, Subject};
use crate::surface::ctype::CType;
use crate::surface::{Evidence, Form, Item, Kind, Place, Surface, UNKNOWN, UNKNOWN_LAYOUT};
use found::{Found, Hit, Missing};
pub use records::bytes_of;
use rules::presence::{KIND_CHANGED, TARGET_ADDED, TARGET_DROPPED};
use scope::{About, Pairs};
use seen::Seen;

/// Compares an older surface with a newer one.
#[must_use]
pub fn diff(old: &Surface, new: &Surface) -> Report {
    let sides = Sides::new(old, new);
    let mut found = Found::default();
    sides.alone(&mut found);
    let together = presence::diff(&sides, &mut found);
    let parts: Vec<&[Both<'_>]> = together.chunks(WORTH_A_THREAD).collect();
    for part in parallel::map(&parts, |part| items(&sides, part)) {
        found.absorb(part);
    }
    let mut report = found.into_report();
    report.subjects = vec![subject(old), subject(new)];
    report.is_comparison = true;
    report
}

fn subject(surface: &Surface) -> Subject {
    let evidence = surface.about.evidence.iter();
    Subject {
        given: String::new(),
        name: surface.about.subject.clone(),
        evidence: evidence.map(|one| one.word().to_owned()).collect(),
    }
}

/// To start a thread takes as long as to compare a thousand items.
const WORTH_A_THREAD: usize = 2048;

fn items(sides: &Sides<'_>, items: &[Both<'_>]) -> Found {
    let mut found = Found::default();
    for both in items {
        item(sides, &mut found, both);
    }
    found
}

/// An item of both sides.
#[derive(Clone, Copy, Debug)]
struct Both<'a> {
    /// What it is called now.
    name: &'a str,
    /// What it was called.
    old_name: &'a str,
    old: &'a Item,
    new: &'a Item,
    /// The line to look at.
    place: Option<&'a Place>,
}

fn item(sides: &Sides<'_>, found: &mut Found, both: &Both<'_>) {
    presence::life(found, both);
    availability::diff(sides, found, both);
    symbols::diff(sides, found, both);
    let labels = match both.old.kind {
        Kind::Constant(_) => &sides.wheres,
        _ => &sides.variants,
    };
    let same = labels.are_the_same() && both.old.kind == both.new.kind;
    if same && !is_about_others(sides, &both.old.kind) {
        found.compared(facts(&both.old.kind));
        return;
    }
    kinds(sides, found, both);
}

/// Whether a kind that reads the same on both sides may be something else there.
fn is_about_others(sides: &Sides<'_>, kind: &Kind) -> bool {
    match kind {
        // Parts of a struct that is passed by value may change its class, and nothing of its own.
        Kind::Record(_) => true,
        // What it names is compared under its own name, where both sides have that.
        Kind::Alias(variants) => match variants.values().next() {
            Some(CType::Record(name) | CType::Enum(name)) => {
                sides.old.items.contains_key(name) != sides.new.items.contains_key(name)
            }
            _ => false,
        },
        _ => false,
    }
}

/// How many facts a kind holds.
fn facts(kind: &Kind) -> usize {
    match kind {
        Kind::Record(record) => record.layouts.values().map(|l| 2 + l.fields.len()).sum(),
        Kind::Enum(body) => body.unit.len() + body.members.len(),
        Kind::Alias(variants) | Kind::Variable(variants) => variants.len(),
        Kind::Function(variants) => variants.len(),
        Kind::Constant(values) => values.len(),
        Kind::Bits(body) => 1 + body.bits.len(),
        Kind::Slots(slots) => slots.len(),
        Kind::Macro => 0,
    }
}

fn kinds(sides: &Sides<'_>, found: &mut Found, both: &Both<'_>) {
    let (old, new) = (
        resolved(&both.old.kind, sides.old_kinds()),
        resolved(&both.new.kind, sides.new_kinds()),
    );
    match (old, new) {
        (Kind::Record(old), Kind::Record(new)) => records::diff(sides, found, both, old, new),
        (Kind::Alias(old), Kind::Alias(new)) => functions::aliases(sides, found, both, old, new),
        (Kind::Function(old), Kind::Function(new)) => {
            functions::diff(sides, found, both, old, new);
        }
        (Kind::Variable(old), Kind::Variable(new)) => {
            functions::variables(sides, found, both, old, new);
        }
        (Kind::Constant(old), Kind::Constant(new)) => {
            if !sides.is_enumerated(both.name) {
                values::constants(sides, found, both, old, new);
            }
        }
        (Kind::Enum(old), Kind::Enum(new)) => values::enums(sides, found, both, old, new),
        (Kind::Bits(old), Kind::Bits(new)) => slots::bits(sides, found, both, old, new),
        (Kind::Slots(old), Kind::Slots(new)) => slots::slots(found, both, old, new),
        (Kind::Macro, Kind::Macro) => {}
        (old, new) => kind_changed(found, both, old, new),
    }
}

/// What may be a macro as well.
fn is_call(kind: &Kind) -> bool {
    matches!(kind, Kind::Function(_) | Kind::Macro | Kind::Constant(_))
}

/// A typedef of a struct is that struct.
fn resolved<'a>(kind: &'a Kind, kinds: impl Fn(&str) -> Option<&'a Kind>) -> &'a Kind {
    let Kind::Alias(variants) = kind else {
        return kind;
    };
    match variants.values().next() {
        Some(CType::Record(name)) => match kinds(name) {
            Some(record @ Kind::Record(_)) => record,
            _ => kind,
        },
        _ => kind,
    }
}

fn kind_changed(found: &mut Found, both: &Both<'_>, old: &Kind, new: &Kind) {
    let is_number = |kind: &Kind| matches!(kind, Kind::Enum(_) | Kind::Bits(_) | Kind::Alias(_));
    let hit = Hit::new(&KIND_CHANGED, both.name, "is another kind of thing")
        .sides(old.word(), new.word());
    let hit = if is_call(old) && is_call(new) {
        // How each is declared says more; see `availability`.
        if !both.old.declared.is_empty() && !both.new.declared.is_empty() {
            return;
        }
        hit.level(Level::Api)
    } else if is_number(old) && is_number(new) {
        hit.level(Level::Api)
    } else {
        hit
    };
    found.add(hit, both.place);
}

/// Both surfaces, and how they go together.
#[derive(Debug)]
struct Sides<'a> {
    old: &'a Surface,
    new: &'a Surface,
    /// Data models and what runs.
    variants: Pairs,
    /// Ways to compile.
    wheres: Pairs,
    /// What exports symbols.
    exports: Pairs,
    /// Items with another name: old to new.
    renamed: BTreeMap<&'a str, &'a str>,
    /// Tags of structs and enumerations with another name, behind one typedef: old and new.
    retagged: BTreeSet<(&'a str, &'a str)>,
    /// What either side speaks of.
    old_seen: Seen,
    new_seen: Seen,
    /// Constants that are told of with an enumeration that both sides have.
    enumerated: BTreeSet<&'a str>,
}

impl<'a> Sides<'a> {
    fn new(old: &'a Surface, new: &'a Surface) -> Self {
        let (old_seen, new_seen) = (Seen::of(old), Seen::of(new));
        Sides {
            old,
            new,
            variants: Pairs::new(About::Variants, &old_seen.variants, &new_seen.variants),
            wheres: Pairs::new(About::Wheres, &old_seen.wheres, &new_seen.wheres),
            exports: Pairs::new(About::Wheres, &old_seen.exports, &new_seen.exports),
            renamed: rename::pairs(old, new),
            retagged: rename::tags(old, new),
            old_seen,
            new_seen,
            enumerated: &members(old, new) | &members(new, old),
        }
    }

    /// What things of the old side are.
    fn old_kinds(&self) -> impl Fn(&str) -> Option<&'a Kind> + use<'a> {
        let surface = self.old;
        move |name| surface.items.get(name).map(|item| &item.kind)
    }

    /// What things of the new side are.
    fn new_kinds(&self) -> impl Fn(&str) -> Option<&'a Kind> + use<'a> {
        let surface = self.new;
        move |name| surface.items.get(name).map(|item| &item.kind)
    }

    /// Whether two names are of one thing.
    fn is_same_name(&self, old: &str, new: &str) -> bool {
        old == new || self.renamed.get(old) == Some(&new) || self.retagged.contains(&(old, new))
    }

    /// Whether a constant is told of with its enumeration.
    fn is_enumerated(&self, name: &str) -> bool {
        self.enumerated.contains(name)
    }

    /// Whether a side only declares a struct.
    fn is_opaque(&self, both: &Both<'_>, side: Missing) -> bool {
        let item = match side {
            Missing::Old => both.old,
            Missing::New => both.new,
        };
        let forms = &item.declared;
        (forms.is_empty() && self.reads_headers(side))
            || forms.values().any(|form| *form == Form::Incomplete)
    }

    /// One side.
    fn surface(&self, side: Missing) -> &'a Surface {
        match side {
            Missing::Old => self.old,
            Missing::New => self.new,
        }
    }

    /// What one side speaks of.
    fn seen(&self, side: Missing) -> &Seen {
        match side {
            Missing::Old => &self.old_seen,
            Missing::New => &self.new_seen,
        }
    }

    /// Whether a side would say that something is declared.
    fn reads_headers(&self, side: Missing) -> bool {
        let surface = self.surface(side);
        let kinds = [Evidence::Manifest, Evidence::Probe, Evidence::Clang];
        kinds.into_iter().any(|kind| surface.has(kind))
    }

    /// Whether a side would say that something is exported.
    fn reads_symbols(&self, side: Missing) -> bool {
        let surface = self.surface(side);
        surface.has(Evidence::Symbols) || surface.has(Evidence::Manifest)
    }

    /// Whether a side has a binary, in which each of its names was looked for.
    fn has_symbols(&self, side: Missing) -> bool {
        self.surface(side).has(Evidence::Symbols)
    }

    /// What only one side speaks of at all.
    fn alone(&self, found: &mut Found) {
        let (old, new) = (&self.old_seen.wheres, &self.new_seen.wheres);
        let complete = self.old.has(Evidence::Manifest) && self.new.has(Evidence::Manifest);
        for (missing, pairs, facts) in [
            (Missing::New, &self.variants.old_alone, "layouts and types"),
            (Missing::Old, &self.variants.new_alone, "layouts and types"),
            (Missing::New, &self.wheres.old_alone, "declarations"),
            (Missing::Old, &self.wheres.new_alone, "declarations"),
            (Missing::New, &self.exports.old_alone, "exported symbols"),
            (Missing::Old, &self.exports.new_alone, "exported symbols"),
        ] {
            // Where a side has no binary at all, it is said item by item.
            if facts == "exported symbols" && self.seen(missing).exports.is_empty() {
                continue;
            }
            // A manifest that is silent means no.
            if complete {
                continue;
            }
            for label in pairs {
                found.gap(facts, "observe it in that way too", missing, label);
            }
        }
        for missing in [Missing::Old, Missing::New] {
            let facts = self.surface(missing).about.facts.iter();
            let unknown = facts
                .filter(|(key, _)| key == UNKNOWN)
                .map(|(_, text)| text);
            // A struct without a layout is said with the struct.
            for doubt in unknown.filter(|text| !text.starts_with(UNKNOWN_LAYOUT)) {
                found.gap("types", "look at the headers", missing, doubt);
            }
        }
        if complete {
            for label in scope::shorten(&self.wheres.old_alone, old) {
                let hit = Hit::new(&TARGET_DROPPED, &label, "is no longer served");
                found.add(hit.was(&label), None);
            }
            for label in scope::shorten(&self.wheres.new_alone, new) {
                let hit = Hit::new(&TARGET_ADDED, &label, "is served now");
                found.add(hit.is(&label), None);
            }
        }
    }
}

/// Each item of a side, with what goes by its name on the other. Both are sorted, so nothing is looked
/// for.
fn beside<'a, 'b>(
    side: &'a Surface,
    other: &'b Surface,
) -> impl Iterator<Item = (&'a String, &'a Item, Option<&'b Item>)> {
    let mut others = other.items.iter().peekable();
    side.items.iter().map(move |(name, item)| {
        while others.next_if(|(other, _)| *other < name).is_some() {}
        let same = others.next_if(|(other, _)| *other == name);
        (name, item, same.map(|(_, other)| other))
    })
}

/// Constants of enumerations that the other side has, too.
fn members<'a>(surface: &'a Surface, other: &Surface) -> BTreeSet<&'a str> {
    let is_enum = |name: &String| {
        let item = other.items.get(name);
        item.is_some_and(|item| matches!(item.kind, Kind::Enum(_)))
    };
    let bodies = surface
        .items
        .iter()
        .filter_map(|(name, item)| match &item.kind {
            Kind::Enum(body) if is_enum(name) => Some(body),
            _ => None,
        });
    let members = bodies.flat_map(|body| &body.members);
    members.map(|(name, _)| name.as_str()).collect()
}
