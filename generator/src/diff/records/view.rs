//! A layout as it is compared: each field by the name that source uses, with its bits.

use std::collections::BTreeMap;

use crate::diff::reserve::{Runs, is_kept_by_name};
use crate::surface::ctype::CType;
use crate::surface::{Field, Layout, Record};

/// One field.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leaf<'a> {
    /// As source names it: without the anonymous members around it.
    pub(super) name: &'a str,
    /// The field.
    pub(super) field: &'a Field,
    /// The first bit.
    pub(super) start: u64,
    /// The bit after the last.
    pub(super) end: u64,
    /// Whether it is kept for later.
    pub(super) is_reserve: bool,
}

impl Leaf<'_> {
    /// Its bits.
    pub(super) fn range(&self) -> (u64, u64) {
        (self.start, self.end)
    }

    /// The same field in a struct that begins elsewhere.
    pub(super) fn moved_by(self, bits: u64) -> Self {
        Leaf {
            start: self.start.saturating_add(bits),
            end: self.end.saturating_add(bits),
            ..self
        }
    }

    /// Whether two fields share a bit.
    pub(super) fn overlaps(&self, other: &Leaf<'_>) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// `at 8, 4 bytes`, or in bits.
    pub(super) fn place(&self) -> String {
        if self.field.is_bit_field {
            return format!("at bit {}, {}", self.start, bits(self.field.bits));
        }
        format!("at {}, {}", self.start / 8, bits(self.field.bits))
    }

    /// Its type as people write it, or as it is.
    pub(super) fn spelled(&self) -> String {
        let ty = self.field.ty.as_ref().map(CType::to_string);
        match (&self.field.spelled, ty) {
            (Some(spelled), _) => spelled.clone(),
            (None, Some(ty)) => ty,
            (None, None) => bytes(self.field.bits / 8),
        }
    }
}

/// A number of bytes, for people.
pub(super) fn bytes(count: u64) -> String {
    match count {
        1 => "1 byte".to_owned(),
        _ => format!("{count} bytes"),
    }
}

/// A number of bits, for people, in bytes where they are whole.
pub(super) fn bits(count: u64) -> String {
    match count {
        1 => "1 bit".to_owned(),
        _ if count.is_multiple_of(8) => bytes(count / 8),
        _ => format!("{count} bits"),
    }
}

/// One side's layout.
#[derive(Debug)]
pub(super) struct View<'a> {
    /// The layout.
    pub(super) layout: &'a Layout,
    /// Its fields.
    pub(super) leaves: Vec<Leaf<'a>>,
    by_name: BTreeMap<&'a str, usize>,
}

impl<'a> View<'a> {
    /// Of a layout of a struct.
    pub(super) fn new(record: &Record, layout: &'a Layout) -> Self {
        let mut leaves: Vec<Leaf<'a>> = Vec::new();
        for field in &layout.fields {
            let name = field.in_source().unwrap_or(&field.name);
            if layout.is_shell(field) || name.is_empty() {
                continue;
            }
            let is_reserve = if record.reserve.is_empty() {
                is_kept_by_name(name)
            } else {
                record.reserve.contains(name) || record.reserve.contains(&field.name)
            };
            leaves.push(Leaf {
                name,
                field,
                start: field.bit_offset,
                end: field.bit_offset.saturating_add(field.bits),
                is_reserve,
            });
        }
        let by_name = leaves.iter().enumerate();
        let by_name = by_name.map(|(index, leaf)| (leaf.name, index)).collect();
        View {
            layout,
            leaves,
            by_name,
        }
    }

    /// A field by name.
    pub(super) fn find(&self, name: &str) -> Option<Leaf<'a>> {
        self.by_name
            .get(name)
            .and_then(|index| self.leaves.get(*index))
            .copied()
    }

    /// What is kept for later.
    pub(super) fn reserve(&self) -> Runs {
        let kept = self.leaves.iter().filter(|leaf| leaf.is_reserve);
        Runs::new(kept.map(Leaf::range))
    }

    /// What has a use.
    pub(super) fn used(&self) -> Runs {
        let used = self.leaves.iter().filter(|leaf| !leaf.is_reserve);
        Runs::new(used.map(Leaf::range))
    }

    /// All that has a name.
    pub(super) fn named(&self) -> Runs {
        Runs::new(self.leaves.iter().map(Leaf::range))
    }

    /// Bits.
    pub(super) fn size(&self) -> u64 {
        self.layout.size.saturating_mul(8)
    }
}
