//! Lowers one entry of any kind.

use super::function;
use super::words::Reader;
use crate::check::codes::Code;
use crate::manifest::entry::{self, Text};
use crate::manifest::place;
use crate::model::layout::Field;
use crate::model::ty::{Scalar, Ty};
use crate::model::when::When;
use crate::model::{Bit, Bitfield, Entry, Kind, Life, Signature, Slot, Struct, Symbol, Upstream};
use crate::source::Span;

/// What every entry has.
struct Head<'a> {
    name: &'a Text,
    doc: &'a Text,
    life: Option<Life>,
    source: Option<&'a Text>,
}

pub(super) fn lower(written: &entry::Entry, reader: &mut Reader<'_>) -> Option<Entry> {
    let (head, kind) = match written {
        entry::Entry::Struct(e) => {
            let life = reader.life(&e.life);
            (Head { name: &e.name, doc: &e.doc, life, source: None }, lower_struct(e, reader)?)
        }
        entry::Entry::Upstream(e) => (fact(&e.name, &e.doc, &e.source), lower_upstream(e, reader)),
        entry::Entry::Symbol(e) => (fact(&e.name, &e.doc, &e.source), lower_symbol(e, reader)?),
        entry::Entry::Slot(e) => (fact(&e.name, &e.doc, &e.source), lower_slot(e, reader)),
        entry::Entry::Constant(e) => {
            let life = reader.life(&e.life);
            (Head { name: &e.name, doc: &e.doc, life, source: None }, Kind::Constant(e.value))
        }
        entry::Entry::Bitfield(e) => {
            let life = reader.life(&e.life);
            let source = e.source.as_ref();
            (Head { name: &e.name, doc: &e.doc, life, source }, lower_bitfield(e, reader)?)
        }
        entry::Entry::Function(e) => {
            let life = reader.life(&e.life);
            let kind = Kind::Function(function::lower(e, reader)?);
            (Head { name: &e.name, doc: &e.doc, life, source: None }, kind)
        }
        entry::Entry::Macro(e) => {
            let life = reader.life(&e.life);
            (Head { name: &e.name, doc: &e.doc, life, source: None }, Kind::Macro)
        }
    };
    let span = place(reader.file, head.name);
    check_head(&head, &kind, span, reader);
    Some(Entry {
        name: head.name.value.clone(),
        doc: head.doc.value.trim().to_owned(),
        span,
        life: head.life,
        source: head.source.map(|source| source.value.clone()),
        kind,
    })
}

fn fact<'a>(name: &'a Text, doc: &'a Text, source: &'a Option<Text>) -> Head<'a> {
    Head { name, doc, life: None, source: source.as_ref() }
}

/// The rules that need the text as it is written.
fn check_head(head: &Head<'_>, kind: &Kind, span: Span, reader: &mut Reader<'_>) {
    let is_fact = matches!(kind, Kind::Upstream(_) | Kind::Symbol(_) | Kind::Slot(_));
    let has_source = head.source.is_some_and(|source| !source.value.trim().is_empty());
    if is_fact && !has_source {
        let message = format!("`{}` is a fact about CPython and has no source", head.name.value);
        reader
            .sink
            .push(Code::NoSource, span, message)
            .help("add `source:` with the header path, issue or PEP it can be checked against");
    }
    let doc = head.doc.value.trim();
    if doc.is_empty() || !doc.ends_with('.') {
        reader
            .complain(Code::Doc, head.doc, format!("the doc of `{}` is not a sentence", head.name.value))
            .help("end it with a full stop");
    }
}

fn lower_struct(e: &entry::StructEntry, reader: &mut Reader<'_>) -> Option<Kind> {
    let by_caller = match e.allocated_by.value.as_str() {
        "caller" => true,
        "library" => false,
        _ => {
            reader.unknown_word(&e.allocated_by, "caller`, `library");
            return None;
        }
    };
    let explained = e.reserved_not_needed.as_ref().is_some_and(|why| !why.value.trim().is_empty());
    if by_caller && e.reserved == 0 && !explained {
        let message = format!("callers allocate `{}`, and it has no reserve", e.name.value);
        reader.complain(Code::NoReserve, &e.name, message).help(
            "give it `reserved: 1` or more, or say in `reserved_not_needed` why it never grows",
        );
    }
    let mut fields = reader.fields(&e.fields);
    fields.extend(reserve(e.reserved));
    Some(Kind::Struct(Struct {
        by_caller,
        mirrors: e.mirrors.as_ref().map(|name| name.value.clone()),
        fields,
        reserved: e.reserved,
    }))
}

/// The reserved pointers, one field each, so that one can be used without the others.
fn reserve(count: u32) -> impl Iterator<Item = Field> {
    (0..count).map(move |index| Field {
        name: if count == 1 { "reserved".to_owned() } else { format!("reserved{index}") },
        ty: Ty::Ptr { to: Box::new(Ty::Void), constant: false },
        models: Vec::new(),
        doc: Some("Reserved; neither read nor written by this release.".to_owned()),
    })
}

fn lower_upstream(e: &entry::UpstreamEntry, reader: &mut Reader<'_>) -> Kind {
    let layouts = e
        .layouts
        .iter()
        .map(|layout| (reader.when_or_always(&layout.when), reader.fields(&layout.fields)))
        .collect();
    let semantics = e
        .semantics
        .iter()
        .map(|note| {
            if note.source.as_ref().is_none_or(|source| source.value.trim().is_empty()) {
                let message = format!("a note on `{}` has no source", e.name.value);
                reader.complain(Code::NoSource, &e.name, message);
            }
            (reader.when_or_always(&note.when), note.note.clone())
        })
        .collect();
    Kind::Upstream(Upstream {
        layouts,
        declared: reader.when(&e.declared),
        complete: reader.when(&e.complete),
        semantics,
    })
}

fn lower_symbol(e: &entry::SymbolEntry, reader: &mut Reader<'_>) -> Option<Kind> {
    Some(Kind::Symbol(Symbol {
        signature: signature(&e.params, &e.returns, reader)?,
        declared: reader.when(&e.declared),
        exported: reader.when(&e.exported),
        stable: e.stable.as_ref().and_then(|text| reader.version(text)),
    }))
}

pub(super) fn signature(
    params: &[entry::Param],
    returns: &Text,
    reader: &mut Reader<'_>,
) -> Option<Signature> {
    let mut lowered = Vec::new();
    let mut good = true;
    for param in params {
        match reader.ty(&param.ty) {
            Some(ty) => lowered.push((param.name.value.clone(), ty)),
            None => good = false,
        }
    }
    let returns = reader.ty(returns)?;
    good.then_some(Signature { params: lowered, returns })
}

fn lower_slot(e: &entry::SlotEntry, reader: &mut Reader<'_>) -> Kind {
    let mut ids = |list: &[entry::SlotId]| -> Vec<(When, u16)> {
        list.iter().map(|arm| (reader.when(&arm.when), arm.id)).collect()
    };
    Kind::Slot(Slot {
        ids: ids(&e.ids),
        runtime: ids(&e.runtime),
        declared: reader.when(&e.declared),
    })
}

fn lower_bitfield(e: &entry::BitfieldEntry, reader: &mut Reader<'_>) -> Option<Kind> {
    let (unit, unit_bits) = match reader.ty(&e.unit)? {
        Ty::Scalar(unit @ Scalar::U8) => (unit, 8),
        Ty::Scalar(unit @ Scalar::U16) => (unit, 16),
        Ty::Scalar(unit @ Scalar::U32) => (unit, 32),
        Ty::Scalar(unit @ Scalar::U64) => (unit, 64),
        _ => {
            reader.unknown_word(&e.unit, "u8`, `u16`, `u32`, `u64");
            return None;
        }
    };
    let bits = e
        .bits
        .iter()
        .map(|bit| Bit {
            name: bit.name.value.clone(),
            shift: bit.shift.value,
            width: bit.width,
            doc: bit.doc.clone(),
            span: place(reader.file, &bit.name),
        })
        .collect();
    let looked_at = e
        .looked_at
        .iter()
        .map(|looked| {
            if !e.bits.iter().any(|bit| bit.name.value == looked.bit.value) {
                let message = format!("`{}` has no bit `{}`", e.name.value, looked.bit.value);
                reader.complain(Code::UnknownName, &looked.bit, message);
            }
            (reader.when_or_always(&looked.when), looked.bit.value.clone())
        })
        .collect();
    Some(Kind::Bitfield(Bitfield { unit, unit_bits, bits, looked_at }))
}
