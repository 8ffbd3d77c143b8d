//! What it means that one type is in another's place.

use super::Sides;
use crate::surface::ctype::{CType, Function};
use crate::surface::{Kind, Layout};

/// What a change of type comes to, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Change {
    /// None.
    Same,
    /// What is pointed at became constant.
    ConstAdded,
    /// What is pointed at is constant no longer.
    ConstRemoved,
    /// The same bytes under another name; source may need a cast.
    Retyped,
    /// It has a type that has no word here.
    Unknown,
    /// The same bytes, signed otherwise.
    Signedness,
    /// The same bytes in other places.
    Alignment,
    /// Other bytes.
    Representation,
}

/// What a change of type comes to, on a data model.
///
/// This, [`pointee`] and [`no_less`] are not inlined into one another: LLVM 22 (rustc 1.95) takes a
/// recursion under `max` for a loop, and then calls types different that are the same, pointers with
/// `opt-level = 2`, integers with 3.
#[inline(never)]
pub(super) fn change(sides: &Sides<'_>, variant: &str, old: &CType, new: &CType) -> Change {
    use CType as T;
    match (old, new) {
        (T::Void, T::Void) | (T::Bool, T::Bool) => Change::Same,
        (T::Int { signed: a, bits: m }, T::Int { signed: b, bits: n }) if m == n => {
            if a == b {
                Change::Same
            } else {
                Change::Signedness
            }
        }
        (T::Float { bits: m }, T::Float { bits: n }) if m == n => Change::Same,
        (
            T::Pointer {
                constant: a,
                to: old,
            },
            T::Pointer {
                constant: b,
                to: new,
            },
        ) => {
            let inner = pointee(sides, variant, old, new);
            if inner != Change::Same {
                return inner.max(Change::Retyped);
            }
            match (a, b) {
                (false, true) => Change::ConstAdded,
                (true, false) => Change::ConstRemoved,
                _ => Change::Same,
            }
        }
        (T::Array { length: m, of: old }, T::Array { length: n, of: new }) if m == n => {
            change(sides, variant, old, new)
        }
        (T::Function(old), T::Function(new)) => function(sides, variant, old, new),
        (T::Record(old), T::Record(new)) => record(sides, old, new),
        (T::Constant(old), T::Constant(new)) => change(sides, variant, old, new),
        (T::Constant(old), new) => no_less(Change::ConstRemoved, sides, variant, old, new),
        (old, T::Constant(new)) => no_less(Change::ConstAdded, sides, variant, old, new),
        (T::Aligned { to: m, of: old }, T::Aligned { to: n, of: new }) if m == n => {
            change(sides, variant, old, new)
        }
        (T::Aligned { of: old, .. }, T::Aligned { of: new, .. }) => {
            no_less(Change::Alignment, sides, variant, old, new)
        }
        (T::Aligned { of: old, .. }, new) => no_less(Change::Alignment, sides, variant, old, new),
        (old, T::Aligned { of: new, .. }) => no_less(Change::Alignment, sides, variant, old, new),
        (T::Enum(old), T::Enum(new)) if sides.is_same_name(old, new) => Change::Same,
        (T::Named(old), T::Named(new)) if old == new => Change::Same,
        (T::Other(old), T::Other(new)) if old == new => Change::Same,
        (T::Other(_), _) | (_, T::Other(_)) => Change::Unknown,
        _ => match (
            width(sides.old_kinds(), variant, old),
            width(sides.new_kinds(), variant, new),
        ) {
            // Integers and enumerations go in the same registers. So do pointers, and what is one
            // leads nowhere when it is taken for a number, or a number for one.
            (Some(m), Some(n)) if m == n => Change::Retyped,
            (None, Some(_)) | (Some(_), None) if is_number(old) && is_number(new) => {
                Change::Unknown
            }
            _ => Change::Representation,
        },
    }
}

/// What a change of type comes to for a bit-field that keeps its bits. What it is declared as says
/// which unit it is taken from, which shows in its place; that apart, its sign is all there is.
pub(super) fn bit_field(sides: &Sides<'_>, variant: &str, old: &CType, new: &CType) -> Change {
    let signs = (
        is_signed(sides.old_kinds(), variant, old),
        is_signed(sides.new_kinds(), variant, new),
    );
    match (signs, change(sides, variant, old, new)) {
        ((Some(before), Some(now)), _) if before != now => Change::Signedness,
        ((Some(_), Some(_)), Change::Representation) => match (old, new) {
            (CType::Int { .. }, CType::Int { .. }) => Change::Same,
            _ => Change::Retyped,
        },
        (_, change) => change,
    }
}

/// Whether what a bit-field is declared as has a sign.
fn is_signed<'a>(
    kinds: impl Fn(&str) -> Option<&'a Kind>,
    variant: &str,
    ty: &CType,
) -> Option<bool> {
    match ty {
        CType::Bool => Some(false),
        _ => integer(kinds, variant, ty).map(|(signed, _)| signed),
    }
}

/// An integer or an enumeration.
fn is_number(ty: &CType) -> bool {
    matches!(ty, CType::Int { .. } | CType::Enum(_))
}

/// How wide an integer or an enumeration is.
fn width<'a>(kinds: impl Fn(&str) -> Option<&'a Kind>, variant: &str, ty: &CType) -> Option<u32> {
    integer(kinds, variant, ty).map(|(_, bits)| bits)
}

/// The sign and width of an integer, or of the one that an enumeration is kept in.
fn integer<'a>(
    kinds: impl Fn(&str) -> Option<&'a Kind>,
    variant: &str,
    ty: &CType,
) -> Option<(bool, u32)> {
    match unit(kinds, variant, ty).unwrap_or(ty) {
        CType::Int { signed, bits } => Some((*signed, *bits)),
        _ => None,
    }
}

/// What an enumeration is kept in.
pub(super) fn unit<'a>(
    kinds: impl Fn(&str) -> Option<&'a Kind>,
    variant: &str,
    ty: &CType,
) -> Option<&'a CType> {
    let CType::Enum(name) = ty else {
        return None;
    };
    match kinds(name)? {
        Kind::Enum(body) => body.unit.get(variant).or(body.unit.values().next()),
        _ => None,
    }
}

/// As [`change`], but no less than what is known already.
#[inline(never)]
fn no_less(known: Change, sides: &Sides<'_>, variant: &str, old: &CType, new: &CType) -> Change {
    change(sides, variant, old, new).max(known)
}

/// What pointing at something else comes to. `void` and bytes stand for everything.
#[inline(never)]
fn pointee(sides: &Sides<'_>, variant: &str, old: &CType, new: &CType) -> Change {
    let is_byte = |ty: &CType| matches!(ty, CType::Int { bits: 8, .. });
    match (old, new) {
        (CType::Void, CType::Void) => Change::Same,
        (CType::Void, _) | (_, CType::Void) => Change::Retyped,
        (a, b) if is_byte(a) && is_byte(b) && a != b => Change::Retyped,
        _ => change(sides, variant, old, new),
    }
}

fn record(sides: &Sides<'_>, old: &str, new: &str) -> Change {
    if sides.is_same_name(old, new) {
        return Change::Same;
    }
    let (old, new) = (
        shapes(sides.old_kinds()(old)),
        shapes(sides.new_kinds()(new)),
    );
    if !old.is_empty() && old == new {
        Change::Retyped
    } else {
        Change::Representation
    }
}

/// Size, alignment, and each field's place and type.
type Shape<'a> = (u64, u64, Vec<(u64, u64, Option<&'a CType>)>);

/// What of a struct's layouts is compiled in, without names.
fn shapes(kind: Option<&Kind>) -> Vec<Shape<'_>> {
    let Some(Kind::Record(record)) = kind else {
        return Vec::new();
    };
    record.layouts.values().map(shape).collect()
}

fn shape(layout: &Layout) -> Shape<'_> {
    let fields = layout.fields.iter();
    let fields = fields.map(|field| (field.bit_offset, field.bits, field.ty.as_ref()));
    (layout.size, layout.align, fields.collect())
}

/// What another signature behind a pointer comes to.
fn function(sides: &Sides<'_>, variant: &str, old: &Function, new: &Function) -> Change {
    if old.params.len() != new.params.len()
        || old.variadic != new.variadic
        || old.convention != new.convention
    {
        return Change::Representation;
    }
    let params = old.params.iter().zip(&new.params);
    let all = params.chain([(old.returns.as_ref(), new.returns.as_ref())]);
    let worst = all.map(|(old, new)| change(sides, variant, old, new)).max();
    match worst.unwrap_or(Change::Same) {
        Change::ConstAdded | Change::ConstRemoved => Change::Retyped,
        worst => worst,
    }
}
