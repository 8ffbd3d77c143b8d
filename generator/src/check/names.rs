//! Names: unique, with our prefix, and every reference resolved.

use std::collections::BTreeMap;

use super::codes::Code;
use crate::diag::Sink;
use crate::model::ty::Ty;
use crate::model::{Entry, Kind, Model, Provides, Signature};

pub(super) fn check(model: &Model, sink: &mut Sink) {
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    for (family, entry) in model.entries() {
        if let Some(other) = first.insert(&entry.name, &family.id) {
            let message = format!("`{}` is already an entry of family `{other}`", entry.name);
            sink.push(Code::DuplicateName, entry.span, message);
        }
        prefix(model, entry, sink);
        references(model, entry, sink);
        replacement(model, entry, sink);
    }
    for family in &model.families {
        for name in family.inline_headers.iter().chain(&family.macro_headers) {
            if !model.inline.iter().any(|(found, _)| found == name) {
                if let Some(entry) = family.entries.first() {
                    let message = format!("family `{}` wants `{name}`", family.id);
                    sink.push(Code::InlineHeader, entry.span, message);
                }
            }
        }
    }
}

fn prefix(model: &Model, entry: &Entry, sink: &mut Sink) {
    let wanted = match &entry.kind {
        Kind::Upstream(_) | Kind::Symbol(_) | Kind::Slot(_) => return,
        Kind::Constant(_) | Kind::Macro => format!("{}_", model.macro_prefix()),
        Kind::Struct(_) | Kind::Bitfield(_) | Kind::Function(_) => format!("{}_", model.prefix),
    };
    if !entry.name.starts_with(&wanted) {
        let message = format!("`{}` does not start with `{wanted}`", entry.name);
        sink.push(Code::Prefix, entry.span, message).help(
            "names that start with Py or _Py are CPython's, and others may be someone else's",
        );
    }
}

fn references(model: &Model, entry: &Entry, sink: &mut Sink) {
    let mut unknown = |name: &str, what: &str| {
        let message = format!("`{}` refers to {what} `{name}`, which no entry is", entry.name);
        sink.push(Code::UnknownName, entry.span, message);
    };
    let mut types = |tys: &mut dyn Iterator<Item = &Ty>| {
        for name in tys.filter_map(Ty::named) {
            let known = model
                .entry(name)
                .is_some_and(|found| matches!(found.kind, Kind::Struct(_) | Kind::Upstream(_)));
            if !known {
                unknown(name, "struct");
            }
        }
    };
    match &entry.kind {
        Kind::Struct(body) => types(&mut body.fields.iter().map(|field| &field.ty)),
        Kind::Upstream(body) => {
            types(&mut body.layouts.iter().flat_map(|(_, f)| f).map(|field| &field.ty));
        }
        Kind::Symbol(body) => types(&mut signature_types(&body.signature)),
        Kind::Function(body) => {
            types(&mut signature_types(&body.signature));
            let symbols = body.providers.iter().filter_map(|provider| match &provider.what {
                Provides::Symbol(name) => Some(name),
                Provides::Core(_) => None,
            });
            for name in symbols.filter(|name| model.symbol(name).is_none()) {
                unknown(name, "symbol");
            }
            let wanted = body.providers.iter().filter_map(|provider| provider.requires.as_ref());
            for name in wanted.filter(|name| !model.groups().any(|(_, g)| g.name == **name)) {
                unknown(name, "group");
            }
        }
        Kind::Slot(_) | Kind::Constant(_) | Kind::Bitfield(_) | Kind::Macro => {}
    }
}

fn signature_types(signature: &Signature) -> impl Iterator<Item = &Ty> {
    signature.params.iter().map(|(_, ty)| ty).chain([&signature.returns])
}

fn replacement(model: &Model, entry: &Entry, sink: &mut Sink) {
    let Some((_, name)) = entry.life.as_ref().and_then(|life| life.deprecated.as_ref()) else {
        return;
    };
    if model.entry(name).is_none() {
        let message = format!("`{}` is to be replaced by `{name}`, which no entry is", entry.name);
        sink.push(Code::UnknownName, entry.span, message);
    }
}
