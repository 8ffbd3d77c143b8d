//! Gives a struct of ours the words of the struct of CPython's that it mirrors.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::codes::Code;
use crate::diag::Sink;
use crate::model::layout::Field;
use crate::model::ty::Ty;
use crate::model::{Family, Kind, Upstream};

/// Puts upstream's words in front of the reserve. Upstream's words must be the same in all its
/// layouts, for ours is one struct for every CPython.
pub(super) fn resolve(families: &mut [Family], sink: &mut Sink) {
    let upstream: BTreeMap<String, Upstream> = families
        .iter()
        .flat_map(|family| &family.entries)
        .filter_map(|entry| match &entry.kind {
            Kind::Upstream(body) => Some((entry.name.clone(), body.clone())),
            _ => None,
        })
        .collect();
    let find = |name: &str| upstream.get(name);
    for entry in families.iter_mut().flat_map(|family| &mut family.entries) {
        let Kind::Struct(body) = &mut entry.kind else {
            continue;
        };
        let Some(mirrored) = &body.mirrors else {
            continue;
        };
        let Some(target) = find(mirrored) else {
            continue;
        };
        let words: Vec<Vec<Field>> = target
            .layouts
            .iter()
            .map(|(_, fields)| flatten(fields, &find))
            .collect();
        let by_model = words.iter().flatten().any(|word| !word.models.is_empty());
        if by_model || words.windows(2).any(|pair| pair[0] != pair[1]) {
            let message = format!(
                "`{}` mirrors `{mirrored}`, whose layouts differ: one struct cannot hold them all",
                entry.name
            );
            sink.push(Code::AmbiguousArms, mirrored.span, message);
        }
        let reserve = std::mem::take(&mut body.fields);
        body.fields = words.into_iter().next().unwrap_or_default();
        body.fields.extend(reserve);
        let mut names = BTreeSet::new();
        if let Some(twice) = body.fields.iter().find(|field| !names.insert(&field.name)) {
            let message = format!("`{}` would have two fields `{}`", entry.name, twice.name);
            sink.push(Code::DuplicateName, mirrored.span, message);
        }
    }
}

/// Upstream's fields with nested structs taken apart, pointers made anonymous, and our names.
fn flatten<'a>(fields: &[Field], find: &dyn Fn(&str) -> Option<&'a Upstream>) -> Vec<Field> {
    let mut words = Vec::new();
    for field in fields {
        let nested = match &field.ty {
            Ty::Named(name) => find(name).and_then(|body| body.layouts.first()),
            _ => None,
        };
        match nested {
            Some((_, inner)) => words.extend(flatten(inner, find)),
            None => words.push(Field {
                name: field.name.trim_start_matches('_').to_owned(),
                ty: anonymous(&field.ty),
                models: field.models.clone(),
                doc: Some(format!(
                    "CPython's `{}`; its meaning is CPython's.",
                    field.name
                )),
            }),
        }
    }
    words
}

fn anonymous(ty: &Ty) -> Ty {
    match ty {
        Ty::Ptr { .. } => Ty::Ptr {
            to: Box::new(Ty::Void),
            constant: false,
        },
        other => other.clone(),
    }
}
