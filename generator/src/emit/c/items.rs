//! Types, constants and bits of a family's header.

use super::{comment, data_model_macro};
use crate::emit::c::condition;
use crate::model::layout::{DataModel, Field};
use crate::model::ty::Ty;
use crate::model::when::Cell;
use crate::model::{Bitfield, Entry, Kind, Model, Struct};

/// The declaration of a struct.
pub(super) fn structure(entry: &Entry, body: &Struct) -> String {
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

/// Size, alignment and offsets of a struct, asserted for each data model that a macro tells apart.
/// Both byte orders share one macro, for they share the layout.
pub(super) fn structure_asserts(model: &Model, entry: &Entry, body: &Struct) -> String {
    let prefix = model.macro_prefix();
    let models = [DataModel::Lp64, DataModel::Llp64, DataModel::Ilp32, DataModel::Ilp32Align8];
    let mut text = String::new();
    for (index, data_model) in models.into_iter().enumerate() {
        let Some(laid) = model.lay_out(body, data_model) else { continue };
        let keyword = if index == 0 { "#if" } else { "#elif" };
        text.push_str(&format!("{keyword} {}\n", data_model_macro(&prefix, data_model)));
        let name = &entry.name;
        let size = laid.extent.size;
        text.push_str(&format!(
            "{prefix}_ASSERT({name}_size, sizeof({name}) == {size}, \"{name} has {size} bytes\");\n"
        ));
        for field in &laid.fields {
            let (field_name, offset) = (&field.name, field.offset);
            text.push_str(&format!(
                "{prefix}_ASSERT({name}_{field_name}, offsetof({name}, {field_name}) == {offset}, \
                 \"{name}.{field_name} is at {offset}\");\n"
            ));
        }
    }
    text.push_str("#endif\n");
    text
}

/// That ours holds upstream's, word for word, wherever upstream's is complete.
pub(super) fn mirror_asserts(model: &Model, entry: &Entry, body: &Struct) -> String {
    let Some(mirrored) = &body.mirrors else { return String::new() };
    let Some(Kind::Upstream(upstream)) = model.entry(mirrored).map(|entry| &entry.kind) else {
        return String::new();
    };
    let prefix = model.macro_prefix();
    let name = &entry.name;
    let mut text = format!(
        "#if !defined({prefix}_NO_PYTHON_H) && ({})\n",
        condition::print(&upstream.complete)
    );
    text.push_str(&format!(
        "{prefix}_ASSERT({name}_holds, sizeof({name}) >= sizeof({mirrored}), \
         \"{name} holds {mirrored}\");\n"
    ));
    let cells = model.pythons.compile_cells();
    let Some(at) = cells.iter().find(|cell| upstream.complete.holds(cell)) else { return text };
    for (ours, path) in body.fields.iter().zip(paths(model, mirrored, at)) {
        text.push_str(&format!(
            "{prefix}_ASSERT({name}_{0}_mirrors, offsetof({name}, {0}) == \
             offsetof({mirrored}, {path}), \"{name}.{0} is {mirrored}.{path}\");\n",
            ours.name
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
    format!("{}#define {} {value}\n", comment(&entry.doc, ""), entry.name)
}

/// Masks and shifts of a bitfield, and that they do not overlap.
pub(super) fn bitfield(model: &Model, entry: &Entry, body: &Bitfield) -> String {
    let prefix = model.macro_prefix();
    let base = entry.name.to_uppercase();
    let unit = body.unit.c();
    let mut text = comment(&entry.doc, "");
    let mut sum = Vec::new();
    for bit in &body.bits {
        let name = format!("{base}_{}", bit.name.to_uppercase());
        text.push_str(&comment(&bit.doc, ""));
        text.push_str(&format!("#define {name} (({unit})0x{:X})\n", bit.mask()));
        text.push_str(&format!("#define {name}_SHIFT {}\n", bit.shift));
        sum.push(name);
    }
    let known = body.bits.iter().fold(0, |all, bit| all | bit.mask());
    text.push_str("/* Every bit that has a meaning. */\n");
    text.push_str(&format!("#define {base}_ALL (({unit})0x{known:X})\n"));
    text.push_str(&format!(
        "{prefix}_ASSERT({}_bits, ({}) == {base}_ALL, \"the bits of {} do not overlap\");\n",
        entry.name,
        sum.join(" + "),
        entry.name
    ));
    text
}
