//! Names: unique, and with our prefix.

use std::collections::BTreeMap;

use super::codes::Code;
use crate::diag::Sink;
use crate::manifest::entry::FamilyFile;
use crate::manifest::{Manifest, Text, place};
use crate::model::{Entry, Kind, Model};

pub(super) fn check(model: &Model, manifest: &Manifest, sink: &mut Sink) {
    watched(model, manifest, sink);
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    for (family, entry) in model.entries() {
        if let Some(other) = first.insert(&entry.name, &family.id) {
            let message = format!("`{}` is already an entry of family `{other}`", entry.name);
            sink.push(Code::DuplicateName, entry.span, message);
        }
        prefix(model, entry, sink);
    }
    let mut first: BTreeMap<String, &str> = BTreeMap::new();
    for (entry, _) in model.symbols() {
        // The C core has a member for each, whose name must not be a macro of CPython's.
        let member = entry.name.to_lowercase();
        if let Some(other) = first
            .insert(member, &entry.name)
            .filter(|n| **n != entry.name)
        {
            let message = format!("`{}` and `{other}` differ in case only", entry.name);
            sink.push(Code::DuplicateName, entry.span, message);
        }
    }
    once(manifest, "group", sink, |family| {
        family.groups.iter().map(|group| &group.name).collect()
    });
    once(manifest, "behaviour", sink, |family| {
        family.behaviours.iter().map(|b| &b.name).collect()
    });
}

/// What the families name is named by one of them.
fn once(
    manifest: &Manifest,
    what: &str,
    sink: &mut Sink,
    names: impl Fn(&FamilyFile) -> Vec<&Text>,
) {
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    for family in &manifest.families {
        for name in names(&family.content) {
            if let Some(other) = first.insert(&name.value, &family.stem) {
                let message = format!("`{}` is already a {what} of family `{other}`", name.value);
                sink.push(Code::DuplicateName, place(family.file, name), message);
            }
        }
    }
}

/// What an entry is about is observed already.
fn watched(model: &Model, manifest: &Manifest, sink: &mut Sink) {
    let groups = manifest.targets.iter().flat_map(|file| &file.watched);
    for name in groups.flat_map(|group| &group.names) {
        if let Some(family) = model.home(&name.value) {
            let message = format!("`{}` is an entry of family `{}`", name.value, family.id);
            let at = place(manifest.targets_file, name);
            sink.push(Code::DuplicateName, at, message)
                .help("take it off this list; entries are observed anyway");
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
