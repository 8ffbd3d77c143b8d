//! Types, constants and bits of a family's header.

use super::{by_data_model, comment};
use crate::emit::c::condition;
use crate::model::layout::Field;
use crate::model::ty::Ty;
use crate::model::when::Cell;
use crate::model::{Bitfield, Entry, Kind, Model, Struct};

/// The declaration of a struct.
pub(crate) fn structure(entry: &Entry, body: &Struct) -> String {
    let mut text = comment(&entry.doc, "");
    text.push_str(&format!("typedef struct {} {{\n", entry.name));
    for field in &body.fields {
        let declaration = format!("    {};", field.ty.c(&field.name));
        match &field.doc {
            Some(doc) => text.push_str(&format!("{declaration} /* {doc} */\n")),
            None => text.push_str(&format!("{declaration}\n")),
        }
    }
    text.push_str(&format!("}} {};\n", entry.name));
    text
}

/// Size and offsets of a struct, asserted for each data model.
pub(super) fn structure_asserts(model: &Model, entry: &Entry, body: &Struct) -> String {
    let prefix = model.macro_prefix();
    by_data_model(&prefix, "", |data_model| {
        let laid = model.lay_out(body, data_model)?;
        let (name, size) = (&entry.name, laid.extent.size);
        let mut text = assertion(
            &prefix,
            &format!("{name}_size"),
            &format!("sizeof({name}) == {size}"),
            &format!("{name} has {size} bytes"),
        );
        for field in &laid.fields {
            let (field, offset) = (&field.name, field.offset);
            text.push_str(&assertion(
                &prefix,
                &format!("{name}_at_{field}"),
                &format!("offsetof({name}, {field}) == {offset}"),
                &format!("{name}.{field} is at {offset}"),
            ));
        }
        Some(text)
    })
}

/// A static assertion, broken over two lines.
pub(super) fn assertion(prefix: &str, tag: &str, condition: &str, text: &str) -> String {
    format!("{prefix}_ASSERT({tag}, {condition},\n    \"{text}\");\n")
}

/// That ours holds upstream's, word for word, wherever upstream's is complete.
pub(super) fn mirror_asserts(model: &Model, entry: &Entry, body: &Struct) -> String {
    let Some(mirrored) = &body.mirrors else {
        return String::new();
    };
    let Some(Kind::Upstream(upstream)) = model.entry(mirrored).map(|entry| &entry.kind) else {
        return String::new();
    };
    let prefix = model.macro_prefix();
    let name = &entry.name;
    let mut text = format!(
        "#if !defined({prefix}_NO_PYTHON_H) && ({})\n",
        condition::print(&upstream.complete)
    );
    text.push_str(&assertion(
        &prefix,
        &format!("{name}_holds"),
        &format!("sizeof({name}) >= sizeof({mirrored})"),
        &format!("{name} holds {mirrored}"),
    ));
    let cells = model.pythons.compile_cells();
    let Some(at) = cells.iter().find(|cell| upstream.complete.holds(cell)) else {
        return text;
    };
    for (ours, path) in body.fields.iter().zip(paths(model, mirrored, at)) {
        let field = &ours.name;
        text.push_str(&assertion(
            &prefix,
            &format!("{name}_{field}_mirrors"),
            &format!("offsetof({name}, {field}) == offsetof({mirrored}, {path})"),
            &format!("{name}.{field} is {mirrored}.{path}"),
        ));
    }
    text.push_str("#endif\n");
    text
}

/// The paths of a struct's words, nested structs taken apart.
fn paths(model: &Model, name: &str, at: &Cell) -> Vec<String> {
    let Some(Kind::Upstream(body)) = model.entry(name).map(|entry| &entry.kind) else {
        return Vec::new();
    };
    let Some((_, fields)) = body.layouts.iter().find(|(when, _)| when.holds(at)) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for Field { name, ty, .. } in fields {
        let nested = match ty {
            Ty::Named(inner) => paths(model, inner, at),
            _ => Vec::new(),
        };
        if nested.is_empty() {
            all.push(name.clone());
        }
        all.extend(nested.iter().map(|inner| format!("{name}.{inner}")));
    }
    all
}

/// A constant.
pub(super) fn constant(entry: &Entry, value: i64) -> String {
    // A minus sign would bind to what stands before the macro.
    let value = if value < 0 {
        format!("({value})")
    } else {
        value.to_string()
    };
    format!(
        "{}#define {} {value}\n",
        comment(&entry.doc, ""),
        entry.name
    )
}

/// Masks and shifts of a bitfield, and that they do not overlap.
pub(super) fn bitfield(model: &Model, entry: &Entry, body: &Bitfield) -> String {
    let prefix = model.macro_prefix();
    let base = entry.name.to_uppercase();
    // What makes a constant of the unit, without a cast and so in conditions too: UINT32_C.
    let of_unit = body.unit.c().replace("_t", "_c").to_uppercase();
    let mut text = comment(&entry.doc, "");
    let mut sum = Vec::new();
    for bit in &body.bits {
        let name = format!("{base}_{}", bit.name.to_uppercase());
        text.push_str(&comment(&bit.doc, ""));
        text.push_str(&format!("#define {name} {of_unit}(0x{:X})\n", bit.mask()));
        text.push_str(&format!("#define {name}_SHIFT {}\n", bit.shift));
        sum.push(name);
    }
    let known = body.bits.iter().fold(0, |all, bit| all | bit.mask());
    text.push_str("/* Every bit that has a meaning. */\n");
    text.push_str(&format!("#define {base}_ALL {of_unit}(0x{known:X})\n"));
    text.push_str(&format!(
        "{prefix}_ASSERT({}_bits, ({}) == {base}_ALL, \"the bits of {} do not overlap\");\n",
        entry.name,
        sum.join(" + "),
        entry.name
    ));
    text
}
