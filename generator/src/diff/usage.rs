//! Who depends on a struct's size: what was said of it, and what its surface shows.

use std::collections::{BTreeMap, BTreeSet};

use crate::surface::ctype::{CType, Function};
use crate::surface::{Allocator, Kind, Record, Surface};

/// What a surface shows of how its structs are used.
#[derive(Debug, Default)]
pub(super) struct Uses {
    /// Passed or returned by value, themselves or inside of another.
    by_value: BTreeSet<String>,
    /// Elements of arrays.
    in_arrays: BTreeSet<String>,
    /// Parts of something else: of what.
    part_of: BTreeMap<String, String>,
}

impl Uses {
    /// Reads them off.
    pub(super) fn of(surface: &Surface) -> Self {
        let mut uses = Uses::default();
        let mut parts: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (name, item) in &surface.items {
            match &item.kind {
                Kind::Record(record) => {
                    if record.usage.by_value {
                        uses.by_value.insert(name.clone());
                    }
                    let fields = record.layouts.values().flat_map(|layout| &layout.fields);
                    for ty in fields.filter_map(|field| field.ty.as_ref()) {
                        uses.behind_pointers(ty);
                        if let Some(part) = part(ty) {
                            parts.entry(name).or_default().insert(part);
                        }
                        // The library's own struct may grow with its parts.
                        if record.usage.allocated_by != Some(Allocator::Library) {
                            uses.kept(ty, name);
                        }
                    }
                }
                Kind::Function(variants) => {
                    for function in variants.values() {
                        uses.function(function);
                    }
                }
                Kind::Variable(variants) => {
                    for ty in variants.values() {
                        uses.behind_pointers(ty);
                        uses.kept(ty, name);
                    }
                }
                Kind::Alias(variants) => {
                    for ty in variants.values() {
                        uses.behind_pointers(ty);
                    }
                }
                Kind::Enum(_)
                | Kind::Constant(_)
                | Kind::Bits(_)
                | Kind::Slots(_)
                | Kind::Macro => {}
            }
        }
        uses.spread(&parts);
        uses
    }

    /// What is passed by value takes its parts with it.
    fn spread(&mut self, parts: &BTreeMap<&str, BTreeSet<&str>>) {
        let mut open: Vec<String> = self.by_value.iter().cloned().collect();
        while let Some(name) = open.pop() {
            for part in parts.get(name.as_str()).into_iter().flatten() {
                if self.by_value.insert((*part).to_owned()) {
                    open.push((*part).to_owned());
                }
            }
        }
    }

    fn function(&mut self, function: &Function) {
        for ty in function.params.iter().chain([function.returns.as_ref()]) {
            match ty {
                CType::Record(name) => {
                    self.by_value.insert(name.clone());
                }
                _ => self.behind_pointers(ty),
            }
        }
    }

    /// Signatures that a type leads to.
    fn behind_pointers(&mut self, ty: &CType) {
        match ty {
            CType::Pointer { to, .. } => self.behind_pointers(to),
            CType::Array { of, .. } => self.behind_pointers(of),
            CType::Function(function) => self.function(function),
            _ => {}
        }
    }

    /// A type whose value is a part of something.
    fn kept(&mut self, ty: &CType, whole: &str) {
        match ty {
            CType::Record(name) => {
                let whole_of = self.part_of.entry(name.clone());
                whole_of.or_insert_with(|| whole.to_owned());
            }
            CType::Array { of, .. } => {
                if let CType::Record(name) = of.as_ref() {
                    self.in_arrays.insert(name.clone());
                }
                self.kept(of, whole);
            }
            _ => {}
        }
    }

    /// Whether its class in the calling convention counts.
    pub(super) fn is_by_value(&self, name: &str) -> bool {
        self.by_value.contains(name)
    }
}

/// The struct that a type has inside of it.
fn part(ty: &CType) -> Option<&str> {
    match ty {
        CType::Record(name) => Some(name),
        CType::Array { of, .. } => part(of),
        _ => None,
    }
}

/// What follows when a struct grows, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Growth {
    /// Somebody has compiled its size in.
    Breaks {
        /// Why.
        why: String,
        /// What to do; nothing where the rule knows best.
        hint: Option<String>,
    },
    /// Only the library knows its size.
    Works {
        /// Why.
        why: String,
        /// Whether a new binary can tell that an old library's struct is shorter.
        says_its_size: bool,
    },
}

/// What follows when a struct of the old side grows.
pub(super) fn growth(uses: &Uses, name: &str, old: &Record, new: &Record) -> Growth {
    let breaks = |why: String| Growth::Breaks { why, hint: None };
    if uses.is_by_value(name) {
        return breaks("it is passed by value".to_owned());
    }
    if old.usage.in_arrays || uses.in_arrays.contains(name) {
        return breaks("callers keep it in arrays".to_owned());
    }
    if let Some(whole) = uses.part_of.get(name) {
        return breaks(format!("it is a part of `{whole}`"));
    }
    if let Some(field) = &old.size_field {
        return Growth::Works {
            why: format!("`{field}` says its size"),
            says_its_size: true,
        };
    }
    match old.usage.allocated_by.or(new.usage.allocated_by) {
        Some(Allocator::Library) => Growth::Works {
            why: "only the library allocates it".to_owned(),
            says_its_size: false,
        },
        Some(Allocator::Caller) => breaks("callers allocate it".to_owned()),
        None => Growth::Breaks {
            why: "callers can allocate it".to_owned(),
            hint: Some(format!(
                "take the bytes from a reserve; or, when only the library allocates it, say so on \
                 the old side: `{name} allocated-by library`"
            )),
        },
    }
}
