//! The public headers: one umbrella, one per family, and two that all of them need.

use super::guards::{self, Guard};
use super::{function, items};
use crate::emit::{FileSet, banner};
use crate::model::ty::Ty;
use crate::model::{Entry, Family, Kind, Model, lock};

/// Writes the headers under `include/`.
pub fn emit(model: &Model, files: &mut FileSet) {
    let prefix = &model.prefix;
    files.add(format!("include/{prefix}.h"), umbrella(model));
    files.add(format!("include/{prefix}/python.h"), python(model));
    files.add(format!("include/{prefix}/table.h"), table(model));
    for family in &model.families {
        files.add(
            format!("include/{prefix}/{}.h", family.id),
            family_header(model, family),
        );
    }
}

/// The banner of a C file.
pub(crate) fn c_banner() -> String {
    let lines = banner("");
    let lines: Vec<&str> = lines.lines().map(str::trim).collect();
    format!("/* {}\n * {}\n */\n", lines[0], lines[1])
}

fn umbrella(model: &Model) -> String {
    let guard = format!("{}_H", model.macro_prefix());
    let mut text = c_banner();
    text.push_str(&format!("#ifndef {guard}\n#define {guard}\n\n"));
    for family in &model.families {
        text.push_str(&format!("#include \"{}/{}.h\"\n", model.prefix, family.id));
    }
    text.push_str("\n#endif\n");
    text
}

fn fill(model: &Model, template: &str) -> String {
    c_banner() + &with_prefix(model, template)
}

/// A template with the manifest's prefix in it.
pub(crate) fn with_prefix(model: &Model, template: &str) -> String {
    let text = template.replace("@PREFIX@", &model.macro_prefix());
    text.replace("@prefix@", &model.prefix)
}

fn python(model: &Model) -> String {
    let unobserved = format!("{:08X}", model.pythons.newest().next().hex());
    fill(model, include_str!("templates/python.h"))
        .replace("@UNOBSERVED@", &unobserved)
        .replace("@LANGUAGE_GUARDS@", &refusals(model, &guards::language()))
        .replace("@GUARDS@", &refusals(model, &guards::guards(model)))
        .replace("@UNIVERSAL@", &universal(model))
}

/// What a universal module is compiled as: of the headers' ABIs, the one without layouts.
fn universal(model: &Model) -> String {
    let abi3t = model
        .pythons
        .list
        .iter()
        .find_map(|python| python.abi3t_since);
    match abi3t {
        Some(abi3t) if model.supplies() => format!(
            "#if defined({}_UNIVERSAL) && !defined(Py_TARGET_ABI3T)\n\
             #define Py_TARGET_ABI3T 0x{:08X}\n#endif\n",
            model.macro_prefix(),
            abi3t.hex()
        ),
        _ => String::new(),
    }
}

/// One `#error` a guard, for the first that holds. Compilers go on after it and would bury it in
/// what follows from it, so they are stopped by a file that is not there.
fn refusals(model: &Model, guards: &[Guard]) -> String {
    let mut text = String::new();
    for (index, guard) in guards.iter().enumerate() {
        let keyword = if index == 0 { "#if" } else { "#elif" };
        text.push_str(&format!(
            "{keyword} {}\n#error \"{} {}: {}\"\n#include \"stopped: the error above says why\"\n",
            guard.condition, model.prefix, guard.id, guard.message
        ));
    }
    text + "#endif"
}

fn table(model: &Model) -> String {
    fill(model, include_str!("templates/table.h"))
        .replace("@HASH@", &format!("{:08X}", lock::hash(model)))
        .replace("@LENGTH@", &model.table().len().to_string())
}

fn family_header(model: &Model, family: &Family) -> String {
    let prefix = model.macro_prefix();
    let guard = format!("{prefix}_{}_H", family.id.to_uppercase());
    let mut sections = vec![format!(
        "{}/* {} */\n#ifndef {guard}\n#define {guard}",
        c_banner(),
        family.doc
    )];
    sections.push(includes(model, family));
    sections.push("#ifdef __cplusplus\nextern \"C\" {\n#endif".to_owned());
    let present: Vec<&Entry> = family
        .entries
        .iter()
        .filter(|entry| !entry.is_removed())
        .collect();
    for entry in &present {
        sections.extend(declaration(model, entry));
    }
    sections.extend(direct_parts(model, family, &present));
    for entry in &present {
        if let Kind::Function(body) = &entry.kind {
            sections.extend(function::declaration(model, entry, body));
        }
    }
    sections.push("#ifdef __cplusplus\n}\n#endif".to_owned());
    sections.extend(pasted(model, &family.macro_headers));
    sections.push("#endif".to_owned());
    let trimmed: Vec<&str> = sections.iter().map(|section| section.trim_end()).collect();
    trimmed.join("\n\n") + "\n"
}

/// `table.h`, and the families whose structs this one's fields and signatures name.
fn includes(model: &Model, family: &Family) -> String {
    let mut wanted: Vec<&str> = Vec::new();
    for name in family
        .entries
        .iter()
        .filter(|entry| !entry.is_removed())
        .flat_map(structs_of)
    {
        let home = model.home(name).filter(|home| home.id != family.id);
        wanted.extend(
            home.map(|home| home.id.as_str())
                .filter(|id| !wanted.contains(id)),
        );
    }
    let mut text = "#include \"python.h\"\n#include \"table.h\"".to_owned();
    for id in wanted {
        text.push_str(&format!("\n#include \"{id}.h\""));
    }
    text
}

/// The structs that an entry's declaration names.
fn structs_of(entry: &Entry) -> Vec<&str> {
    match &entry.kind {
        Kind::Struct(body) => body
            .fields
            .iter()
            .filter_map(|field| field.ty.named())
            .collect(),
        Kind::Function(body) => {
            let params = body.signature.params.iter().map(|(_, ty)| ty);
            params
                .chain([&body.signature.returns])
                .filter_map(Ty::named)
                .collect()
        }
        _ => Vec::new(),
    }
}

fn declaration(model: &Model, entry: &Entry) -> Vec<String> {
    match &entry.kind {
        Kind::Struct(body) => vec![
            items::structure(entry, body),
            items::structure_asserts(model, entry, body)
                + &items::mirror_asserts(model, entry, body),
        ],
        Kind::Constant(value) => vec![items::constant(entry, *value)],
        Kind::Bitfield(body) => vec![items::bitfield(model, entry, body)],
        _ => Vec::new(),
    }
}

/// What direct mode needs before the functions.
fn direct_parts(model: &Model, family: &Family, present: &[&Entry]) -> Vec<String> {
    let mut prototypes = String::new();
    for entry in present {
        if let Kind::Function(body) = &entry.kind {
            prototypes.push_str(&function::core_prototypes(model, body));
        }
    }
    let pasted = pasted(model, &family.inline_headers);
    if prototypes.is_empty() && pasted.is_empty() {
        return Vec::new();
    }
    let mut parts = vec![format!("#if {}_DIRECT", model.macro_prefix())];
    if !prototypes.is_empty() {
        parts.push(prototypes);
    }
    parts.extend(pasted);
    parts.push("#endif".to_owned());
    parts
}

/// The hand-written headers of a family, as they are.
fn pasted(model: &Model, names: &[String]) -> Vec<String> {
    let find = |name: &String| model.inline.iter().find(|(found, _)| found == name);
    names
        .iter()
        .filter_map(find)
        .map(|(_, text)| text.trim().to_owned())
        .collect()
}
