//! Every name that is referred to is the name of something that can stand there.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::codes::Code;
use crate::diag::{Diagnostic, Sink};
use crate::manifest::entry::{self, Entry, FunctionEntry};
use crate::manifest::{Family, Manifest, Text, place};
use crate::model::ty::Ty;
use crate::source::{FileId, Span};

use super::order::{Order, struct_name};

/// What the names of a manifest stand for.
struct Names<'a> {
    entries: BTreeMap<&'a str, &'a Entry>,
    groups: BTreeSet<&'a str>,
    inline: BTreeSet<&'a str>,
}

/// Complains of names that nothing has; whether there were none.
pub(super) fn check(manifest: &Manifest, sink: &mut Sink) -> bool {
    let entries = || {
        manifest
            .families
            .iter()
            .flat_map(|family| &family.content.entries)
    };
    let groups = manifest
        .families
        .iter()
        .flat_map(|family| &family.content.groups);
    let names = Names {
        entries: entries()
            .map(|entry| (entry.name().value.as_str(), entry))
            .collect(),
        groups: groups.map(|group| group.name.value.as_str()).collect(),
        inline: manifest
            .inline
            .iter()
            .map(|header| header.name.as_str())
            .collect(),
    };
    let before = sink.len();
    let order = Order::of(manifest);
    let mut declared = BTreeSet::new();
    for family in &manifest.families {
        let mut checker = Checker {
            file: family.file,
            names: &names,
            sink,
        };
        checker.family(family);
        for entry in &family.content.entries {
            checker.entry(entry, &|name| is_met(&order, &declared, family, name));
            if let Entry::Struct(body) = entry {
                declared.insert(body.name.value.as_str());
            }
        }
    }
    for family in &manifest.families {
        let mut checker = Checker {
            file: family.file,
            names: &names,
            sink,
        };
        for entry in &family.content.entries {
            checker.cycle(entry);
        }
    }
    unused_headers(manifest, sink);
    sink.len() == before
}

/// Whether C meets a struct before an entry of a family that is at its turn.
fn is_met(order: &Order<'_>, declared: &BTreeSet<&str>, family: &Family, name: &str) -> bool {
    match order.brings(family, name) {
        Some(home) => !order.needs(home, family),
        None => declared.contains(name),
    }
}

/// A header that no family names goes nowhere.
fn unused_headers(manifest: &Manifest, sink: &mut Sink) {
    let families = manifest.families.iter().map(|family| &family.content);
    let used: BTreeSet<&str> = families
        .flat_map(|family| family.inline_headers.iter().chain(&family.macro_headers))
        .map(|name| name.value.as_str())
        .collect();
    for header in manifest
        .inline
        .iter()
        .filter(|header| !used.contains(header.name.as_str()))
    {
        let message = format!("no family names `{}`", header.name);
        sink.push(Code::NoEffect, Span::whole_file(header.file), message)
            .help("name it under `inline_headers` or `macro_headers`");
    }
}

struct Checker<'a, 's> {
    file: FileId,
    names: &'a Names<'a>,
    sink: &'s mut Sink,
}

impl<'a> Checker<'a, '_> {
    fn family(&mut self, family: &'a Family) {
        let content = &family.content;
        for group in &content.groups {
            for symbol in &group.symbols {
                self.is_symbol(symbol);
            }
        }
        for name in content.inline_headers.iter().chain(&content.macro_headers) {
            if !self.names.inline.contains(name.value.as_str()) {
                let message = format!("`inline/{}` is not there", name.value);
                let known = self.names.inline.iter().copied();
                self.sink
                    .push(Code::InlineHeader, place(self.file, name), message)
                    .meant(&name.value, known);
            }
        }
        for entry in &content.entries {
            if let Entry::Function(body) = entry {
                self.is_in_the_header(body.defined_in.as_ref(), &content.macro_headers);
            }
        }
    }

    /// What a hand-written part defines is in a part that the family's header brings in every mode.
    fn is_in_the_header(&mut self, defined_in: Option<&Text>, macro_headers: &[Text]) {
        let Some(name) = defined_in else { return };
        if macro_headers
            .iter()
            .all(|header| header.value != name.value)
        {
            let message = format!("`{}` is not among the `macro_headers`", name.value);
            let known = macro_headers.iter().map(|header| header.value.as_str());
            self.sink
                .push(Code::UnknownName, place(self.file, name), message)
                .meant(&name.value, known);
        }
    }

    fn entry(&mut self, entry: &'a Entry, is_met: &dyn Fn(&str) -> bool) {
        match entry {
            Entry::Struct(body) => {
                if let Some(mirrors) = &body.mirrors {
                    self.is(mirrors, "struct of CPython's", |entry| {
                        matches!(entry, Entry::Upstream(_))
                    });
                }
                for field in &body.fields {
                    if self.is_ours(&field.ty) {
                        self.is_declared(&field.ty, is_met);
                        self.is_kept(entry, &field.ty);
                    }
                }
            }
            Entry::Upstream(body) => {
                for field in body.layouts.iter().flat_map(|layout| &layout.value.fields) {
                    self.is_upstream(&field.ty);
                }
            }
            Entry::Symbol(body) => {
                for ty in body
                    .params
                    .iter()
                    .map(|param| &param.ty)
                    .chain([&body.returns])
                {
                    self.is_upstream(ty);
                }
            }
            Entry::Function(body) => self.function(entry, body),
            Entry::Slot(_) | Entry::Constant(_) | Entry::Bitfield(_) | Entry::Macro(_) => {}
        }
        if let Some(deprecated) = entry.life().and_then(|life| life.deprecated.as_ref()) {
            self.replacement(entry, &deprecated.replacement);
        }
    }

    fn function(&mut self, entry: &Entry, body: &'a FunctionEntry) {
        for ty in body
            .params
            .iter()
            .map(|param| &param.ty)
            .chain([&body.returns])
        {
            if self.is_ours(ty) {
                self.is_kept(entry, ty);
            }
        }
        let direct = body
            .direct
            .iter()
            .filter_map(|arm| arm.value.symbol.as_ref());
        let provided = body
            .providers
            .iter()
            .filter_map(|provider| provider.value.symbol.as_ref());
        for symbol in direct.chain(provided) {
            self.is_symbol(symbol);
        }
        for group in body
            .providers
            .iter()
            .filter_map(|provider| provider.value.requires.as_ref())
        {
            if !self.names.groups.contains(group.value.as_str()) {
                let known = self.names.groups.iter().copied();
                self.unknown(group, &group.value, "group")
                    .meant(&group.value, known);
            }
        }
    }

    fn replacement(&mut self, entry: &Entry, replacement: &'a Text) {
        if replacement.value == entry.name().value {
            let message = format!("`{}` cannot replace itself", replacement.value);
            self.sink
                .push(Code::UnknownName, place(self.file, replacement), message);
            return;
        }
        self.is(replacement, "entry of ours", |entry| entry.life().is_some());
    }

    fn is_symbol(&mut self, name: &'a Text) {
        self.is(name, "symbol", |entry| matches!(entry, Entry::Symbol(_)));
    }

    /// A type of ours names structs of ours only; whether it does.
    fn is_ours(&mut self, ty: &'a Text) -> bool {
        let Some(name) = struct_name(ty) else {
            return false;
        };
        if let Some(Entry::Upstream(_)) = self.names.entries.get(name.as_str()) {
            let message = format!("`{name}` is CPython's, and not declared wherever ours are");
            self.sink
                .push(Code::Type, place(self.file, ty), message)
                .help("pass it as `ptr<void>`, or mirror it by a struct of ours");
            return false;
        }
        self.is_struct(ty, &name, "struct of ours", |entry| {
            matches!(entry, Entry::Struct(_))
        })
    }

    fn is_upstream(&mut self, ty: &'a Text) {
        if let Some(name) = struct_name(ty) {
            let wanted = |entry: &Entry| matches!(entry, Entry::Upstream(_));
            self.is_struct(ty, &name, "struct of CPython's", wanted);
        }
    }

    /// C reads from top to bottom.
    fn is_declared(&mut self, ty: &Text, is_met: &dyn Fn(&str) -> bool) {
        let Some(name) = struct_name(ty) else { return };
        if !is_met(&name) {
            let message = format!("`{name}` is not declared above this");
            self.sink
                .push(Code::UnknownName, place(self.file, ty), message)
                .help(
                    "put its entry first; that of another family comes first where no struct or function of \
                     that one needs this family",
                );
        }
    }

    /// What was removed is used by nothing that stays. A table slot stays when its function goes.
    fn is_kept(&mut self, user: &Entry, ty: &Text) {
        let stays = match user {
            Entry::Function(body) => body.slot.is_some() || !user.is_removed(),
            _ => !user.is_removed(),
        };
        let Some(name) = struct_name(ty).filter(|_| stays) else {
            return;
        };
        if self
            .names
            .entries
            .get(name.as_str())
            .is_some_and(|used| used.is_removed())
        {
            let message = format!("`{name}` was removed, and `{}` uses it", user.name().value);
            self.sink.push(Code::Life, place(self.file, ty), message);
        }
    }

    fn is(&mut self, name: &'a Text, what: &str, wanted: fn(&Entry) -> bool) {
        self.is_struct(name, &name.value, what, wanted);
    }

    fn is_struct(&mut self, at: &Text, name: &str, what: &str, wanted: fn(&Entry) -> bool) -> bool {
        match self.names.entries.get(name) {
            Some(found) if wanted(found) => true,
            Some(found) => {
                let message = format!("`{name}` is a {}, expected a {what}", found.kind());
                self.sink
                    .push(Code::UnknownName, place(self.file, at), message);
                false
            }
            None => {
                let names = &self.names.entries;
                let known = names
                    .iter()
                    .filter(|(_, entry)| wanted(entry))
                    .map(|(name, _)| *name);
                self.unknown(at, name, what).meant(name, known);
                false
            }
        }
    }

    fn unknown(&mut self, at: &Text, name: &str, what: &str) -> &mut Diagnostic {
        let message = format!("no {what} is called `{name}`");
        self.sink
            .push(Code::UnknownName, place(self.file, at), message)
    }

    /// A struct of CPython's does not hold itself, through whatever others.
    fn cycle(&mut self, entry: &'a Entry) {
        let Entry::Upstream(body) = entry else { return };
        for field in by_value(body) {
            let mut seen = BTreeSet::new();
            let mut todo = vec![field.ty.value.as_str()];
            while let Some(name) = todo.pop() {
                if name == body.name.value {
                    let message = format!("`{name}` holds itself");
                    self.sink
                        .push(Code::Type, place(self.file, &field.ty), message);
                    return;
                }
                if let (true, Some(Entry::Upstream(inner))) =
                    (seen.insert(name), self.names.entries.get(name))
                {
                    todo.extend(by_value(inner).map(|field| field.ty.value.as_str()));
                }
            }
        }
    }
}

/// The fields that are structs themselves.
fn by_value(body: &entry::UpstreamEntry) -> impl Iterator<Item = &entry::Field> {
    let fields = body.layouts.iter().flat_map(|layout| &layout.value.fields);
    fields.filter(|field| matches!(Ty::parse(&field.ty.value), Some(Ty::Named(_))))
}
