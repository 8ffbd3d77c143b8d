//! Lowers one entry of any kind.

use super::function;
use super::words::Reader;
use crate::check::codes::Code;
use crate::manifest::entry::{self, Text};
use crate::manifest::{locate, place};
use crate::model::layout::Field;
use crate::model::ty::{Scalar, Ty};
use crate::model::when::When;
use crate::model::{
    Bit, Bitfield, Entry, Kind, Life, Note, Signature, Slot, Struct, Symbol, Upstream,
};

/// The most reserved pointers; CPython's largest struct that pyshim mirrors has fewer words.
const MAX_RESERVED: u32 = 64;

/// What every entry has.
struct Head<'a> {
    name: &'a Text,
    doc: &'a Text,
    life: Option<Life>,
    source: Option<&'a Text>,
}

pub(super) fn lower(written: &entry::Entry, reader: &mut Reader<'_>) -> Option<Entry> {
    let (head, kind) = match written {
        entry::Entry::Struct(e) => (
            ours(&e.name, &e.doc, &e.life, reader),
            lower_struct(e, reader)?,
        ),
        entry::Entry::Upstream(e) => {
            let head = fact(&e.name, &e.doc, &e.source, reader);
            (head, lower_upstream(e, reader))
        }
        entry::Entry::Symbol(e) => {
            let head = fact(&e.name, &e.doc, &e.source, reader);
            (head, lower_symbol(e, reader)?)
        }
        entry::Entry::Slot(e) => {
            let head = fact(&e.name, &e.doc, &e.source, reader);
            (head, lower_slot(e, reader))
        }
        entry::Entry::Constant(e) => {
            if i32::try_from(e.value.value).is_err() {
                let message = format!(
                    "found {}, expected a value that an `int` holds",
                    e.value.value
                );
                reader
                    .sink
                    .push(Code::Range, place(reader.file, &e.value), message);
            }
            (
                ours(&e.name, &e.doc, &e.life, reader),
                Kind::Constant(e.value.value),
            )
        }
        entry::Entry::Bitfield(e) => {
            let mut head = ours(&e.name, &e.doc, &e.life, reader);
            head.source = e.source.as_ref();
            (head, lower_bitfield(e, reader)?)
        }
        entry::Entry::Function(e) => {
            let head = ours(&e.name, &e.doc, &e.life, reader);
            (head, Kind::Function(function::lower(e, reader)?))
        }
        entry::Entry::Macro(e) => (ours(&e.name, &e.doc, &e.life, reader), Kind::Macro),
    };
    Some(Entry {
        name: head.name.value.clone(),
        doc: head.doc.value.trim().to_owned(),
        span: place(reader.file, head.name),
        life: head.life,
        source: head.source.map(|source| source.value.clone()),
        kind,
    })
}

/// The head of an entry of ours, which has a life.
fn ours<'a>(
    name: &'a Text,
    doc: &'a Text,
    life: &entry::Life,
    reader: &mut Reader<'_>,
) -> Head<'a> {
    reader.identifier(name);
    reader.sentence(doc);
    Head {
        name,
        doc,
        life: reader.life(life),
        source: None,
    }
}

/// The head of a fact about CPython, which has a source.
fn fact<'a>(
    name: &'a Text,
    doc: &'a Text,
    source: &'a Option<Text>,
    reader: &mut Reader<'_>,
) -> Head<'a> {
    reader.identifier(name);
    reader.sentence(doc);
    sourced(
        source,
        name,
        &format!("`{}` is a fact about CPython", name.value),
        reader,
    );
    Head {
        name,
        doc,
        life: None,
        source: source.as_ref(),
    }
}

/// A fact says where it can be checked.
fn sourced(source: &Option<Text>, at: &Text, what: &str, reader: &mut Reader<'_>) {
    if source
        .as_ref()
        .is_some_and(|source| !source.value.trim().is_empty())
    {
        return;
    }
    let at = source.as_ref().unwrap_or(at);
    reader
        .complain(Code::NoSource, at, format!("{what} and has no source"))
        .help("add `source:` with the header path, issue or PEP it can be checked against");
}

fn lower_struct(e: &entry::StructEntry, reader: &mut Reader<'_>) -> Option<Kind> {
    let by_caller = match e.allocated_by.value.as_str() {
        "caller" => true,
        "library" => false,
        _ => {
            reader.unknown_word(&e.allocated_by, &["caller", "library"]);
            return None;
        }
    };
    let reserved = e.reserved.value;
    let explained = e
        .reserved_not_needed
        .as_ref()
        .filter(|why| !why.value.trim().is_empty());
    if by_caller && reserved == 0 && explained.is_none() {
        let message = format!("callers allocate `{}`, and it has no reserve", e.name.value);
        reader
            .sink
            .push(Code::NoReserve, place(reader.file, &e.reserved), message)
            .help(
                "give it `reserved: 1` or more, or say in `reserved_not_needed` why it never grows",
            );
    }
    if let Some(why) = explained.filter(|_| !by_caller || reserved > 0) {
        let message = format!(
            "`{}` says why it needs no reserve, and none is asked for",
            e.name.value
        );
        reader.complain(Code::NoEffect, why, message);
    }
    if reserved > MAX_RESERVED {
        let message =
            format!("found {reserved} reserved pointers, expected at most {MAX_RESERVED}");
        reader
            .sink
            .push(Code::Range, place(reader.file, &e.reserved), message);
        return None;
    }
    match (&e.mirrors, e.fields.as_slice()) {
        (Some(mirrors), [_, ..]) => {
            let message = format!(
                "`{}` both mirrors a struct and has fields of its own",
                e.name.value
            );
            reader.complain(Code::Shape, mirrors, message);
        }
        (None, []) => {
            let message = format!("`{}` neither mirrors a struct nor has fields", e.name.value);
            reader.complain(Code::Shape, &e.name, message);
        }
        _ => {}
    }
    for model in e.fields.iter().filter_map(|field| field.models.first()) {
        let message =
            "found `models`, which is for CPython's structs: ours are the same everywhere";
        reader.complain(Code::Shape, model, message);
    }
    for field in &e.fields {
        if let Some(Ty::Named(name)) = Ty::parse(&field.ty.value) {
            let message = format!("`{name}` cannot be a field by value");
            let help = format!("use `ptr<{name}>`, or write its fields out");
            reader.complain(Code::Type, &field.ty, message).help(help);
        }
    }
    let mut fields = reader.fields(&e.fields);
    fields.extend(reserve(reserved));
    Some(Kind::Struct(Struct {
        by_caller,
        mirrors: e.mirrors.as_ref().map(|name| locate(reader.file, name)),
        fields,
        reserved,
        reserved_not_needed: explained.map(|why| why.value.trim().to_owned()),
    }))
}

/// The reserved pointers, one field each, so that one can be used without the others.
fn reserve(count: u32) -> impl Iterator<Item = Field> {
    (0..count).map(move |index| Field {
        name: if count == 1 {
            "reserved".to_owned()
        } else {
            format!("reserved{index}")
        },
        ty: Ty::Ptr {
            to: Box::new(Ty::Void),
            constant: false,
        },
        models: Vec::new(),
        doc: Some("Reserved; neither read nor written by this release.".to_owned()),
    })
}

fn lower_upstream(e: &entry::UpstreamEntry, reader: &mut Reader<'_>) -> Kind {
    let layouts = e
        .layouts
        .iter()
        .map(|layout| {
            let at = place(reader.file, layout);
            let layout = &layout.value;
            (
                reader.when_or_always(&layout.when, at),
                reader.fields(&layout.fields),
            )
        })
        .collect();
    let semantics = e
        .semantics
        .iter()
        .map(|note| {
            let what = format!("this is a note on `{}`", e.name.value);
            sourced(&note.source, &note.note, &what, reader);
            reader.sentence(&note.note);
            Note {
                when: reader.when(&note.when),
                note: note.note.value.trim().to_owned(),
                source: note.source.as_ref().map(|source| source.value.clone()),
            }
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
        signature: signature(&e.params, &e.returns, ByValue::Refused, reader)?,
        declared: reader.when(&e.declared),
        exported: reader.when_running(&e.exported),
        stable: e.stable.as_ref().and_then(|text| reader.version(text)),
        supplied: e.supplied.as_ref().map(|name| {
            reader.identifier(name);
            name.value.clone()
        }),
    }))
}

/// Whether structs may be passed and returned as they are. Compilers of one machine do that in
/// different ways, so nothing may that is compiled apart from its callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ByValue {
    Allowed,
    Refused,
}

pub(super) fn signature(
    params: &[entry::Param],
    returns: &Text,
    by_value: ByValue,
    reader: &mut Reader<'_>,
) -> Option<Signature> {
    let mut lowered = Vec::new();
    for param in params {
        reader.identifier(&param.name);
        match reader.ty(&param.ty) {
            Some(Ty::Void) => {
                reader.complain(Code::Type, &param.ty, "a parameter cannot be `void`");
            }
            Some(Ty::Named(_)) if by_value == ByValue::Refused => {
                let message = format!("`{}` cannot be passed by value", param.ty.value);
                let help = format!("pass `ptr<{}>`", param.ty.value);
                reader.complain(Code::Type, &param.ty, message).help(help);
            }
            Some(ty) => lowered.push((param.name.value.clone(), ty)),
            None => {}
        }
    }
    reader.once("parameter", params.iter().map(|param| &param.name));
    let returns = match reader.ty(returns)? {
        Ty::Named(name) if by_value == ByValue::Refused => {
            let message = format!("`{name}` cannot be returned by value");
            reader
                .complain(Code::Type, returns, message)
                .help(format!("return `ptr<{name}>`"));
            return None;
        }
        ty => ty,
    };
    (lowered.len() == params.len()).then_some(Signature {
        params: lowered,
        returns,
    })
}

fn lower_slot(e: &entry::SlotEntry, reader: &mut Reader<'_>) -> Kind {
    let ids = |arms: &[entry::SlotId], read: &mut dyn FnMut(&entry::Arms) -> When| {
        arms.iter().map(|arm| (read(&arm.when), arm.id)).collect()
    };
    Kind::Slot(Slot {
        ids: ids(&e.ids, &mut |when| reader.when(when)),
        runtime: ids(&e.runtime, &mut |when| reader.when_running(when)),
        declared: reader.when(&e.declared),
    })
}

fn lower_bitfield(e: &entry::BitfieldEntry, reader: &mut Reader<'_>) -> Option<Kind> {
    let (unit, unit_bits) = match Ty::parse(&e.unit.value) {
        Some(Ty::Scalar(unit @ Scalar::U8)) => (unit, 8),
        Some(Ty::Scalar(unit @ Scalar::U16)) => (unit, 16),
        Some(Ty::Scalar(unit @ Scalar::U32)) => (unit, 32),
        Some(Ty::Scalar(unit @ Scalar::U64)) => (unit, 64),
        _ => {
            reader.unknown_word(&e.unit, &["u8", "u16", "u32", "u64"]);
            return None;
        }
    };
    reader.once("bit", e.bits.iter().map(|bit| &bit.name));
    let bits = e.bits.iter().map(|bit| lower_bit(bit, reader)).collect();
    let looked_at = e
        .looked_at
        .iter()
        .map(|looked| {
            if !e.bits.iter().any(|bit| bit.name.value == looked.bit.value) {
                let message = format!("`{}` has no bit `{}`", e.name.value, looked.bit.value);
                let known = e.bits.iter().map(|bit| bit.name.value.as_str());
                reader
                    .complain(Code::UnknownName, &looked.bit, message)
                    .meant(&looked.bit.value, known);
            }
            (reader.when_running(&looked.when), looked.bit.value.clone())
        })
        .collect();
    Some(Kind::Bitfield(Bitfield {
        unit,
        unit_bits,
        bits,
        looked_at,
    }))
}

fn lower_bit(bit: &entry::Bit, reader: &mut Reader<'_>) -> Bit {
    reader.identifier(&bit.name);
    reader.sentence(&bit.doc);
    if bit.name.value.eq_ignore_ascii_case("all") {
        let message = "a bit cannot be called `all`, which stands for all of them";
        reader.complain(Code::DuplicateName, &bit.name, message);
    }
    Bit {
        name: bit.name.value.clone(),
        shift: bit.shift.value,
        width: bit.width,
        doc: bit.doc.value.trim().to_owned(),
        span: place(reader.file, &bit.shift),
    }
}
