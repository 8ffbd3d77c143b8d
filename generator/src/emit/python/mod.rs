//! Output for those who write C in Python's words: Cython and cffi. Both read declarations and leave
//! the rest to the headers, and both want a struct before what names it.

pub mod cffi;
pub mod cython;

use std::collections::BTreeSet;

use crate::model::ty::Ty;
use crate::model::{Definition, Entry, Family, Function, Kind, Model, Struct};

/// What was not removed.
fn present(family: &Family) -> impl Iterator<Item = &Entry> {
    family.entries.iter().filter(|entry| !entry.is_removed())
}

/// The functions that anybody may call: those that need a macro are for other macros.
fn functions(family: &Family) -> impl Iterator<Item = (&Entry, &Function)> {
    present(family).filter_map(|entry| match &entry.kind {
        Kind::Function(body) if !matches!(body.definition, Definition::CoreWith(_)) => {
            Some((entry, body))
        }
        _ => None,
    })
}

/// The types that a function names.
fn types_of(function: &Function) -> impl Iterator<Item = &Ty> {
    let signature = &function.signature;
    let params = signature.params.iter().map(|(_, ty)| ty);
    params.chain([&signature.returns])
}

/// Structs, each behind those that it names. Those of CPython's have no body.
#[derive(Default)]
struct Structs<'m> {
    ordered: Vec<(&'m Entry, Option<&'m Struct>)>,
    seen: BTreeSet<&'m str>,
}

impl<'m> Structs<'m> {
    /// Adds the struct that a type names, and before it what that names.
    fn add(&mut self, model: &'m Model, ty: &Ty) {
        let Some(entry) = ty.named().and_then(|name| model.entry(name)) else {
            return;
        };
        if !self.seen.insert(&entry.name) {
            return;
        }
        let body = match &entry.kind {
            Kind::Struct(body) => Some(body),
            _ => None,
        };
        for field in body.iter().flat_map(|body| &body.fields) {
            self.add(model, &field.ty);
        }
        self.ordered.push((entry, body));
    }
}
