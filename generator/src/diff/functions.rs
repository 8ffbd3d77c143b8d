//! Functions, variables, and names of types.

use std::collections::{BTreeMap, BTreeSet};

use super::found::{Found, Hit, Missing};
use super::rules::functions as rules;
use super::types::{Change, change};
use super::{Both, Sides, symbols};
use crate::report::{Level, Rule, Verdict};
use crate::surface::ctype::{CType, Function};

/// Compares what a function takes and gives.
pub(super) fn diff(
    sides: &Sides<'_>,
    found: &mut Found,
    both: &Both<'_>,
    old: &BTreeMap<String, Function>,
    new: &BTreeMap<String, Function>,
) {
    by_variant(sides, found, both, old, new, |variant, old, new| {
        let mut hits = Vec::new();
        if old.convention != new.convention {
            let usual = |function: &Function| match &function.convention {
                Some(convention) => convention.clone(),
                None => "the usual one".to_owned(),
            };
            let hit = Hit::new(&rules::CONVENTION, both.name, "is called in another way");
            hits.push(hit.sides(usual(old), usual(new)));
        }
        if old.variadic != new.variadic {
            let message = if new.variadic {
                "takes any number of arguments now"
            } else {
                "no longer takes any number of arguments"
            };
            let hit = Hit::new(&rules::VARIADIC, both.name, message);
            let hit = hit.sides(old.to_string(), new.to_string());
            hits.push(if new.variadic {
                hit
            } else {
                hit.source(Verdict::Breaks)
            });
        }
        hits.extend(params(sides, both, variant, old, new));
        hits.extend(returns(sides, both, variant, old, new));
        hits
    });
}

fn params(
    sides: &Sides<'_>,
    both: &Both<'_>,
    variant: &str,
    old: &Function,
    new: &Function,
) -> Vec<Hit> {
    let (m, n) = (old.params.len(), new.params.len());
    if m != n {
        let rule: &'static Rule = if m < n {
            &rules::PARAMETER_ADDED
        } else {
            &rules::PARAMETER_REMOVED
        };
        let count = |count: usize| match count {
            1 => "1 parameter".to_owned(),
            _ => format!("{count} parameters"),
        };
        let message = format!("takes {} instead of {}", count(n), count(m));
        let hit = Hit::new(rule, both.name, message);
        return vec![hit.sides(old.to_string(), new.to_string())];
    }
    let pairs = old.params.iter().zip(&new.params).enumerate();
    pairs
        .filter_map(|(index, (old, new))| {
            let what = format!("parameter {}", index + 1);
            let kind = change(sides, variant, old, new);
            let hit = match kind {
                Change::ConstAdded => Hit::new(
                    &rules::PARAMETER_CONST,
                    both.name,
                    format!("{what} points at something constant now"),
                ),
                Change::ConstRemoved => Hit::new(
                    &rules::PARAMETER_CONST,
                    both.name,
                    format!("{what} points at something that is no longer constant"),
                )
                .level(Level::Api),
                _ => retyped(&rules::PARAMETER_TYPE, both.name, &what, kind, (old, new))?,
            };
            Some(hit.sides(old.to_string(), new.to_string()))
        })
        .collect()
}

fn returns(
    sides: &Sides<'_>,
    both: &Both<'_>,
    variant: &str,
    old: &Function,
    new: &Function,
) -> Option<Hit> {
    let (old, new) = (old.returns.as_ref(), new.returns.as_ref());
    let kind = change(sides, variant, old, new);
    let hit = match (kind, old, new) {
        // A struct may be returned through a hidden parameter.
        (_, CType::Void, new) if !matches!(new, CType::Void | CType::Record(_)) => {
            Hit::new(&rules::RETURN_ADDED, both.name, "returns something now")
        }
        (Change::ConstAdded, ..) => Hit::new(
            &rules::RETURN_CONST,
            both.name,
            "returns a pointer to something constant now",
        ),
        (Change::ConstRemoved, ..) => Hit::new(
            &rules::RETURN_CONST,
            both.name,
            "returns a pointer to something that is no longer constant",
        )
        .level(Level::Compatible),
        _ => retyped(
            &rules::RETURN_TYPE,
            both.name,
            "the result",
            kind,
            (old, new),
        )?,
    };
    Some(hit.sides(old.to_string(), new.to_string()))
}

/// Another type, at the level that follows from what it comes to.
fn retyped(
    rule: &'static Rule,
    item: &str,
    what: &str,
    kind: Change,
    (old, new): (&CType, &CType),
) -> Option<Hit> {
    let hit = |how: &str| Hit::new(rule, item, format!("{what} {how}"));
    match kind {
        Change::Same => None,
        Change::ConstAdded => Some(hit("points at something constant now").level(Level::Api)),
        Change::ConstRemoved => {
            let hit = hit("points at something that is no longer constant");
            Some(hit.level(Level::Api))
        }
        Change::Retyped => Some(hit("has another type of the same bytes").level(Level::Api)),
        Change::Unknown => {
            let hit = hit("has a type that is not understood").level(Level::Undecided);
            Some(hit.source(Verdict::Unknown))
        }
        Change::Signedness => Some(hit("is signed otherwise").source(Verdict::Works)),
        Change::Alignment => Some(hit("is aligned otherwise").source(Verdict::Works)),
        Change::Representation => {
            let hit = hit("has another type");
            Some(match converts(old, new) {
                true => hit.source(Verdict::Unknown),
                false => hit,
            })
        }
    }
}

/// Whether source may compile as it is: C makes a number of another one by itself, which is right as
/// long as it fits and nobody takes an address, and an array of another length is used as before.
pub(super) fn converts(old: &CType, new: &CType) -> bool {
    let is_number = |ty: &CType| {
        matches!(
            ty,
            CType::Bool | CType::Int { .. } | CType::Float { .. } | CType::Enum(_)
        )
    };
    match (old, new) {
        (CType::Array { of: old, .. }, CType::Array { of: new, .. }) => old == new,
        _ => is_number(old) && is_number(new),
    }
}

/// Compares the type of a variable, and whether it may be written.
pub(super) fn variables(
    sides: &Sides<'_>,
    found: &mut Found,
    both: &Both<'_>,
    old: &BTreeMap<String, CType>,
    new: &BTreeMap<String, CType>,
) {
    by_variant(sides, found, both, old, new, |variant, old, new| {
        let (plain, now) = (old.plain(), new.plain());
        let (plain, now) = symbols::is_length_told(plain, now).unwrap_or((plain, now));
        let kind = change(sides, variant, plain, now);
        let ty = retyped(&rules::VARIABLE_TYPE, both.name, "it", kind, (plain, now));
        let hits = ty.into_iter().chain(constancy(both.name, old, new));
        hits.map(|hit| hit.sides(old.to_string(), new.to_string()))
            .collect()
    });
}

/// What became of a variable that is `const` itself.
fn constancy(name: &str, old: &CType, new: &CType) -> Option<Hit> {
    let is_constant = |ty: &CType| matches!(ty, CType::Constant(_));
    let hit = |message: &str| Hit::new(&rules::VARIABLE_CONST, name, message);
    match (is_constant(old), is_constant(new)) {
        (false, true) => {
            let hit = hit("lies in memory that nobody may write now");
            Some(hit.new_binary(Verdict::Works))
        }
        (true, false) => {
            let hit = hit("may be written now").level(Level::Compatible);
            let hit = hit.new_binary(Verdict::Breaks);
            Some(
                hit.hint(
                    "build executables anew that link to it: their copy of it stays as it was",
                ),
            )
        }
        _ => None,
    }
}

/// Compares what a name of a type stands for.
pub(super) fn aliases(
    sides: &Sides<'_>,
    found: &mut Found,
    both: &Both<'_>,
    old: &BTreeMap<String, CType>,
    new: &BTreeMap<String, CType>,
) {
    by_variant(sides, found, both, old, new, |variant, old, new| {
        let kind = change(sides, variant, old, new);
        let hit = retyped(&rules::ALIAS_TYPE, both.name, "it", kind, (old, new));
        let hit = hit.map(|hit| hit.sides(old.to_string(), new.to_string()));
        hit.into_iter().collect()
    });
}

/// Compares facts variant by variant.
fn by_variant<T: PartialEq>(
    sides: &Sides<'_>,
    found: &mut Found,
    both: &Both<'_>,
    old: &BTreeMap<String, T>,
    new: &BTreeMap<String, T>,
    compare: impl Fn(&str, &T, &T) -> Vec<Hit>,
) {
    let resolved = sides.variants.resolve(old, new);
    for (missing, labels) in [
        (Missing::Old, &resolved.new_only),
        (Missing::New, &resolved.old_only),
    ] {
        if !labels.is_empty() {
            found.gap("types", "observe it with libclang", missing, both.name);
        }
    }
    let mut hits: Vec<(Hit, BTreeSet<String>)> = Vec::new();
    for (labels, old, new) in &resolved.both {
        found.compared(1);
        if let Some(variant) = labels.first() {
            let of_variant = compare(variant, old, new);
            hits.extend(of_variant.into_iter().map(|hit| (hit, labels.clone())));
        }
    }
    if hits.is_empty() {
        return;
    }
    if symbols::is_old_one_kept(both) {
        hits = Vec::from_iter(
            hits.into_iter()
                .map(|(hit, labels)| (hit.when_linked(), labels)),
        );
    }
    found.merge(hits, &resolved.labels(), both.place);
}
