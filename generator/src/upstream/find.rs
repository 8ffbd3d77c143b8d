//! Looks for faults in snapshots.

use super::{Fault, Name, Shows, Usage};
use crate::history::Observed;
use crate::observe::mode::FULL;
use crate::surface::ctype::{CType, Function};
use crate::surface::label::compare;
use crate::surface::{Form, Item, Kind};

/// GIL-enabled builds: others have no limited API before 3.15.
fn gil(observed: &[Observed]) -> impl DoubleEndedIterator<Item = &Observed> + Clone {
    observed.iter().filter(|one| !one.label.ends_with('t'))
}

/// The versions of the limited APIs that declare something in some form, from the oldest.
fn limited(item: &Item, form: impl Fn(Form) -> bool) -> Vec<&str> {
    let declared = item.declared.iter().filter(|(_, one)| form(**one));
    let mut versions: Vec<&str> = declared
        .filter_map(|(label, _)| label.strip_prefix("limited-"))
        .collect();
    versions.sort_by(|a, b| compare(a, b));
    versions
}

/// Whether the library has to have it.
fn is_symbol(form: Form) -> bool {
    matches!(form, Form::Function | Form::Variable)
}

fn is_exported(item: &Item) -> bool {
    item.exported
        .as_ref()
        .is_some_and(|wheres| !wheres.is_empty())
}

/// The limited APIs among these whose CPython does not have a name, the first and the last, and the
/// CPython that brought it after that; `has` says whether one has it.
fn early(
    name: &str,
    versions: Vec<&str>,
    observed: &[Observed],
    has: impl Fn(&Item) -> bool,
) -> Option<((String, String), Option<String>)> {
    let with = |one: &&Observed| one.surface.items.get(name).is_some_and(&has);
    let without = |version: &&str| {
        let one = gil(observed).find(|one| one.label == **version);
        one.is_some_and(|one| !with(&one))
    };
    let early: Vec<&str> = versions.into_iter().filter(without).collect();
    let (first, last) = (*early.first()?, *early.last()?);
    let later = |one: &&Observed| compare(&one.label, last).is_gt();
    let from = gil(observed).filter(later).find(with);
    let from = from.map(|one| one.label.clone());
    Some(((first.to_owned(), last.to_owned()), from))
}

/// What one rule found in the newest headers, unless it is nothing.
fn of_newest(
    observed: &[Observed],
    (id, title, meaning): (&'static str, &'static str, &'static str),
    shows: Shows,
    judge: impl Fn(&str, &Item) -> Option<(String, Name)>,
) -> Option<Fault> {
    let newest = gil(observed).next_back()?;
    let items = newest.surface.items.iter();
    let (mut oldest, names): (Vec<String>, Vec<Name>) =
        items.filter_map(|(name, item)| judge(name, item)).unzip();
    oldest.sort_by(|a, b| compare(a, b));
    Some(Fault {
        id,
        title,
        meaning,
        headers: newest.label.clone(),
        limited: Some(oldest.into_iter().next()?),
        shows,
        names,
    })
}

pub(super) fn early_symbols(observed: &[Observed]) -> Option<Fault> {
    const TEXT: (&str, &str, &str) = (
        "early-symbols",
        "Functions without a guard",
        "Limited APIs declare them that are older than they are. An extension that keeps to such a \
         limited API compiles without a word, and is an ImportError with an undefined symbol on the \
         CPythons that it was made for. Where a macro of the same name covers a function, a call is \
         safe, and only its address leads there.",
    );
    of_newest(observed, TEXT, Shows::Unloadable, |name, item| {
        let versions = limited(item, is_symbol);
        if name.starts_with('_') || versions.is_empty() {
            return None;
        }
        let (wrongly_in, from) = early(name, versions, observed, is_exported)?;
        let first = wrongly_in.0.clone();
        let name = Name {
            name: name.to_owned(),
            usage: Usage::Address,
            wrongly_in: Some(wrongly_in),
            from,
        };
        Some((first, name))
    })
}

pub(super) fn early_names(observed: &[Observed]) -> Option<Fault> {
    const TEXT: (&str, &str, &str) = (
        "early-names",
        "Slot ids, types and macros without a guard",
        "Limited APIs define them that are older than they are. `#ifdef` says no longer whether one \
         may be used, and CPythons of the older version refuse a slot that they do not know when the \
         module is imported.",
    );
    of_newest(observed, TEXT, Shows::Compiles, |name, item| {
        let usage = usage(item).filter(|_| !name.starts_with('_'))?;
        let (wrongly_in, from) = early(name, limited(item, |_| true), observed, |_| true)?;
        let first = wrongly_in.0.clone();
        let name = Name {
            name: name.to_owned(),
            usage,
            wrongly_in: Some(wrongly_in),
            from,
        };
        Some((first, name))
    })
}

fn usage(item: &Item) -> Option<Usage> {
    match item.kind {
        Kind::Constant(_) | Kind::Macro => Some(Usage::Macro),
        Kind::Record(_) => Some(Usage::Type),
        _ => None,
    }
}

pub(super) fn private_names(observed: &[Observed]) -> Option<Fault> {
    const TEXT: (&str, &str, &str) = (
        "private-names",
        "Private constants in limited APIs",
        "Names with an underscore, which no version promises to keep, can be seen in limited APIs, \
         where only what stays should be.",
    );
    of_newest(observed, TEXT, Shows::Compiles, |name, item| {
        let is_constant = matches!(item.kind, Kind::Constant(_)) && name.starts_with("_Py");
        let versions = limited(item, |_| is_constant);
        let first = (*versions.first()?).to_owned();
        let with = |one: &&Observed| one.surface.items.contains_key(name);
        let name = Name {
            name: name.to_owned(),
            usage: Usage::Macro,
            wrongly_in: None,
            from: gil(observed).find(with).map(|one| one.label.clone()),
        };
        Some((first, name))
    })
}

pub(super) fn missing_symbols(observed: &[Observed]) -> Option<Fault> {
    let is_missing = |item: &Item| {
        let declared = item.declared.get(FULL).copied();
        declared.is_some_and(is_symbol) && !is_exported(item)
    };
    let one = gil(observed).rfind(|one| one.surface.items.values().any(is_missing))?;
    let missing = one
        .surface
        .items
        .iter()
        .filter(|(_, item)| is_missing(item));
    Some(Fault {
        id: "missing-symbols",
        title: "Functions that are declared and not there",
        meaning: "The headers declare them, and the executable does not export them.",
        headers: one.label.clone(),
        limited: None,
        shows: Shows::Unloadable,
        names: missing
            .map(|(name, _)| Name {
                name: name.clone(),
                usage: Usage::Address,
                wrongly_in: None,
                from: None,
            })
            .collect(),
    })
}

pub(super) fn unallocatable(observed: &[Observed]) -> Option<Fault> {
    let (one, names) = gil(observed).rev().find_map(|one| {
        let names = needed(one, observed);
        (!names.is_empty()).then_some((one, names))
    })?;
    Some(Fault {
        id: "unallocatable",
        title: "Structs that callers have to allocate, and cannot",
        meaning: "Public functions take a pointer to one, no function makes one, and the struct is \
                  only declared, so nobody can call these functions. It has a layout in \
                  free-threaded builds and in later versions.",
        headers: one.label.clone(),
        limited: None,
        shows: Shows::Refused,
        names,
    })
}

/// Structs that functions take, that nobody makes, and that are complete elsewhere.
fn needed(one: &Observed, observed: &[Observed]) -> Vec<Name> {
    let form = |item: &Item| item.declared.get(FULL).copied();
    let functions: Vec<&Function> = (one.surface.items.values())
        .filter(|item| form(item) == Some(Form::Function))
        .filter_map(|item| match &item.kind {
            Kind::Function(variants) => variants.values().next(),
            _ => None,
        })
        .collect();
    let points_at = |ty: &CType, name: &str| match ty {
        CType::Pointer { to, .. } => matches!(&**to, CType::Record(tag) if tag == name),
        _ => false,
    };
    let items = one.surface.items.iter();
    items
        .filter(|(name, item)| {
            let is_taken = |f: &&Function| f.params.iter().any(|ty| points_at(ty, name));
            let is_made = |f: &&Function| points_at(&f.returns, name);
            let complete = |other: &&Observed| {
                (other.surface.items.get(*name)).is_some_and(|item| form(item) == Some(Form::Type))
            };
            form(item) == Some(Form::Incomplete)
                && functions.iter().any(is_taken)
                && !functions.iter().any(is_made)
                && gil(observed).any(|other| complete(&other))
        })
        .map(|(name, _)| Name {
            name: name.clone(),
            usage: Usage::Type,
            wrongly_in: None,
            from: None,
        })
        .collect()
}
