//! In which registers a struct goes that is passed by value.
//!
//! x86-64 of System V sorts each eight bytes into integers and floating-point numbers; ARM and
//! others look for structs of up to four equal floating-point numbers. A layout says a data model
//! and not a machine, so both must stay.

use std::collections::BTreeSet;

use crate::surface::ctype::CType;
use crate::surface::{Kind, Layout};

/// What decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Class {
    /// Of each eight bytes; none where it goes through memory.
    eights: Option<Vec<Eight>>,
    /// The width and number of equal floating-point numbers, when there is nothing else.
    floats: Option<(u64, usize)>,
}

/// What is in eight bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Eight {
    /// Floating-point numbers only.
    Float,
    /// Integers and pointers as well.
    Integer,
}

impl Class {
    /// For people.
    pub(super) fn words(&self) -> String {
        match (&self.eights, self.floats) {
            (None, None) => "in memory, or as integers".to_owned(),
            (None, Some((bits, 1))) => format!("as a floating-point number of {bits} bits"),
            (None, Some((bits, count))) => {
                format!("as {count} floating-point numbers of {bits} bits")
            }
            (Some(eights), _) => {
                let words = eights.iter().map(|eight| match eight {
                    Eight::Float => "floating-point",
                    Eight::Integer => "integer",
                });
                format!("in {} registers", Vec::from_iter(words).join(" and "))
            }
        }
    }
}

/// Four of the widest numbers.
const LARGEST: u64 = 64;
/// What System V passes in registers.
const IN_REGISTERS: u64 = 16;

/// A number inside of a struct.
struct Scalar {
    start: u64,
    bits: u64,
    is_float: bool,
    is_bit_field: bool,
}

/// The class of a struct, when all types are known.
pub(super) fn class<'a>(
    kinds: &dyn Fn(&str) -> Option<&'a Kind>,
    variant: &str,
    layout: &Layout,
) -> Option<Class> {
    if layout.size > LARGEST {
        return Some(Class {
            eights: None,
            floats: None,
        });
    }
    let mut scalars = Vec::new();
    flatten(kinds, variant, layout, 0, 0, &mut scalars)?;
    // Windows and 32-bit machines look at the size alone.
    let sorts = !variant.starts_with("llp64") && !variant.starts_with("ilp32");
    Some(Class {
        eights: sorts.then(|| eights(layout, &scalars)).flatten(),
        floats: floats(&scalars),
    })
}

/// How deep structs are looked into; one that holds itself is nobody's.
const DEEPEST: u32 = 8;

fn flatten<'a>(
    kinds: &dyn Fn(&str) -> Option<&'a Kind>,
    variant: &str,
    layout: &Layout,
    base: u64,
    depth: u32,
    scalars: &mut Vec<Scalar>,
) -> Option<()> {
    if depth > DEEPEST {
        return None;
    }
    let fields = layout.fields.iter();
    // What is in an anonymous member is here by itself.
    for field in fields.filter(|field| field.bits > 0 && !layout.is_shell(field)) {
        let mut place = Place {
            kinds,
            variant,
            depth,
            scalars,
        };
        let start = base.checked_add(field.bit_offset)?;
        place.put(field.ty.as_ref()?, start, field.bits, field.is_bit_field)?;
    }
    Some(())
}

struct Place<'a, 'b> {
    kinds: &'b dyn Fn(&str) -> Option<&'a Kind>,
    variant: &'b str,
    depth: u32,
    scalars: &'b mut Vec<Scalar>,
}

impl Place<'_, '_> {
    fn put(&mut self, ty: &CType, start: u64, bits: u64, is_bit_field: bool) -> Option<()> {
        // What claims to be larger than the struct around it would be looked at for ever.
        if bits == 0 || bits > LARGEST * 8 {
            return (bits == 0).then_some(());
        }
        match ty {
            CType::Array {
                length: Some(length),
                of,
            } if *length > 0 => {
                let each = bits / length;
                for index in 0..(*length).min(LARGEST) {
                    self.put(of, start + index * each, each, false)?;
                }
                Some(())
            }
            CType::Record(name) => {
                let Kind::Record(record) = (self.kinds)(name)? else {
                    return None;
                };
                flatten(
                    self.kinds,
                    self.variant,
                    record.layout(self.variant)?,
                    start,
                    self.depth + 1,
                    self.scalars,
                )
            }
            CType::Named(_) | CType::Other(_) => None,
            _ => {
                self.scalars.push(Scalar {
                    start,
                    bits,
                    is_float: matches!(ty, CType::Float { .. }),
                    is_bit_field,
                });
                Some(())
            }
        }
    }
}

fn eights(layout: &Layout, scalars: &[Scalar]) -> Option<Vec<Eight>> {
    let unaligned = |s: &Scalar| !s.is_bit_field && !s.start.is_multiple_of(s.bits.max(1));
    let extended = |s: &Scalar| s.is_float && s.bits > 64;
    if layout.size > IN_REGISTERS || scalars.iter().any(|s| unaligned(s) || extended(s)) {
        return None;
    }
    let mut eights = vec![Eight::Float; usize::try_from(layout.size.div_ceil(8)).ok()?];
    for scalar in scalars.iter().filter(|scalar| !scalar.is_float) {
        let (first, last) = (scalar.start / 64, (scalar.start + scalar.bits - 1) / 64);
        for index in first..=last {
            if let Some(eight) = eights.get_mut(usize::try_from(index).ok()?) {
                *eight = Eight::Integer;
            }
        }
    }
    Some(eights)
}

fn floats(scalars: &[Scalar]) -> Option<(u64, usize)> {
    let first = scalars.first()?;
    let equal = |scalar: &Scalar| scalar.is_float && scalar.bits == first.bits;
    // Members of a union share a place, and are passed once.
    let places: BTreeSet<u64> = scalars.iter().map(|scalar| scalar.start).collect();
    (places.len() <= 4 && scalars.iter().all(equal)).then_some((first.bits, places.len()))
}
