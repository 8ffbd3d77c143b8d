//! Layout tests in C: our structs byte by byte on any target, and CPython's against its headers.

use super::items::assertion;
use super::{by_data_model, condition};
use crate::emit::FileSet;
use crate::emit::c::header::c_banner;
use crate::model::layout::{Field, LaidOut};
use crate::model::python::runtime;
use crate::model::ty::{Scalar, Ty};
use crate::model::when::{Cell, When};
use crate::model::{Entry, Model, Signature, Struct, Upstream};

/// Writes the tests under `tests/generated/`.
pub fn emit(model: &Model, files: &mut FileSet) {
    files.add("tests/generated/layout.c", ours(model));
    files.add("tests/generated/upstream.c", upstream(model));
}

fn ours(model: &Model) -> String {
    let prefix = &model.prefix;
    let fill = |text: &str| {
        text.replace("@PREFIX@", &model.macro_prefix())
            .replace("@prefix@", prefix)
    };
    let mut text = c_banner() + &fill(include_str!("templates/layout_test.c"));
    if model.present_structs().next().is_some() {
        text.push_str(include_str!("templates/round_trip.c"));
    }
    let mut calls = String::new();
    for (entry, body) in model.present_structs() {
        text.push_str(&round_trip(model, entry, body));
        calls.push_str(&format!("    failures += round_trip_{}();\n", entry.name));
    }
    text.push_str(&format!(
        "/* How many differences there are, over all structs. */\n\
         int {prefix}_test_layouts(void);\n\
         int {prefix}_test_layouts(void)\n{{\n    int failures = 0;\n{calls}    \
         return failures;\n}}\n\n\
         #ifndef {}_TEST_NO_MAIN\nint main(void)\n{{\n    \
         int failures = {prefix}_test_layouts();\n    \
         printf(\"%d failures\\n\", failures);\n    return failures != 0;\n}}\n#endif\n",
        model.macro_prefix()
    ));
    text
}

/// Three functions a struct: fill by name, check by name, and both against computed bytes.
fn round_trip(model: &Model, entry: &Entry, body: &Struct) -> String {
    let (prefix, name) = (&model.prefix, &entry.name);
    let mut text = String::new();
    for function in [
        format!("void {prefix}_test_fill_{name}({name} *s, const uint64_t *values)"),
        format!("int {prefix}_test_check_{name}(const {name} *s, const uint64_t *values)"),
    ] {
        text.push_str(&format!("{function};\n"));
    }
    text.push_str(&format!(
        "void {prefix}_test_fill_{name}({name} *s, const uint64_t *values)\n{{\n"
    ));
    for (index, field) in body.fields.iter().enumerate() {
        text.push_str(&format!(
            "    s->{} = {};\n",
            field.name,
            from_word(&field.ty, &format!("values[{index}]"))
        ));
    }
    text.push_str(&format!(
        "}}\n\nint {prefix}_test_check_{name}(const {name} *s, const uint64_t *values)\n{{\n    \
         int failures = 0;\n"
    ));
    for (index, field) in body.fields.iter().enumerate() {
        text.push_str(&format!(
            "    failures += expect(\"{name}.{0}\", {1}, values[{index}], sizeof(s->{0}));\n",
            field.name,
            to_word(&field.ty, &format!("s->{}", field.name))
        ));
    }
    text.push_str("    return failures;\n}\n\n");
    text.push_str(&format!("static int round_trip_{name}(void)\n{{\n"));
    text.push_str(&places(model, body));
    text.push_str(&format!(
        "    {name} s;\n    uint64_t values[sizeof(places) / sizeof(places[0])];\n    \
         unsigned char bytes[sizeof(s)];\n    int failures = 0;\n    \
         pattern(values, sizeof(places) / sizeof(places[0]));\n    \
         /* bytes to struct */\n    \
         memset(bytes, 0, sizeof(bytes));\n    \
         spread(bytes, places, values, sizeof(places) / sizeof(places[0]));\n    \
         memcpy(&s, bytes, sizeof(s));\n    \
         failures += {prefix}_test_check_{name}(&s, values);\n    \
         /* struct to bytes */\n    \
         memset(&s, 0, sizeof(s));\n    \
         {prefix}_test_fill_{name}(&s, values);\n    \
         memcpy(bytes, &s, sizeof(s));\n    \
         failures += gather(\"{name}\", bytes, places, values, \
         sizeof(places) / sizeof(places[0]));\n    \
         return failures;\n}}\n\n"
    ));
    text
}

/// Offset and size of each field, as computed here and not by the compiler under test.
fn places(model: &Model, body: &Struct) -> String {
    let otherwise = "#else\n#error \"no layout was computed for this target\"\n";
    by_data_model(&model.macro_prefix(), otherwise, |data_model| {
        let laid = model.lay_out(body, data_model)?;
        let rows: Vec<String> = laid
            .fields
            .iter()
            .map(|field| format!("{{{}, {}}}", field.offset, field.size))
            .collect();
        Some(format!(
            "    static const place places[] = {{{}}};\n",
            rows.join(", ")
        ))
    })
}

fn from_word(ty: &Ty, word: &str) -> String {
    match ty {
        Ty::Scalar(scalar) => format!("({}){word}", scalar.c()),
        other => format!("({})(uintptr_t){word}", other.c("")),
    }
}

fn to_word(ty: &Ty, field: &str) -> String {
    match ty {
        // Through the unsigned type of the same width, so that the sign is not carried on.
        Ty::Scalar(Scalar::Int) => format!("(uint64_t)(unsigned int){field}"),
        Ty::Scalar(_) => format!("(uint64_t){field}"),
        _ => format!("(uint64_t)(uintptr_t){field}"),
    }
}

fn upstream(model: &Model) -> String {
    let prefix = model.macro_prefix();
    let mut text = c_banner();
    text.push_str(&format!(
        "/* Compiles only where CPython's headers say what the manifest says of them. */\n\
         #include \"{}.h\"\n\n\
         /* What is deprecated is declared all the same. */\n\
         #if defined(__GNUC__)\n\
         #  pragma GCC diagnostic ignored \"-Wdeprecated-declarations\"\n\
         #elif defined(_MSC_VER)\n\
         #  pragma warning(disable : 4996)\n\
         #endif\n\n",
        model.prefix
    ));
    for (entry, body) in model.upstream() {
        text.push_str(&declared(&entry.name, &body.declared));
        for (when, fields) in &body.layouts {
            text.push_str(&layout(model, entry, body, when, fields));
        }
    }
    for (entry, slot) in model.slots() {
        for (when, id) in &slot.ids {
            text.push_str(&format!(
                "#if ({}) && ({})\n{prefix}_ASSERT({}_is_{id}_{}, {} == {id}, \"{} is {id}\");\n#endif\n",
                condition::print(&slot.declared),
                condition::print(when),
                entry.name,
                condition_tag(when),
                entry.name,
                entry.name
            ));
        }
    }
    for (entry, symbol) in model.symbols() {
        text.push_str(&signature(&entry.name, &symbol.declared, &symbol.signature));
    }
    text
}

/// Distinguishes the arms of one entry, where C needs unique names.
fn condition_tag(when: &When) -> u32 {
    crc32fast::hash(condition::print(when).as_bytes())
}

fn declared(name: &str, when: &When) -> String {
    format!(
        "#if {}\nextern const {name} *layout_test_declared_{name};\n#endif\n",
        condition::print(when)
    )
}

/// A declaration that conflicts with CPython's unless the two are the same.
fn signature(name: &str, when: &When, signature: &Signature) -> String {
    let pointer = signature.returns.c(&format!(
        "(*layout_test_pointer_{name})({})",
        super::params(signature)
    ));
    format!(
        "#if {}\nextern {pointer};\n\
         #if defined(__GNUC__) && !defined(__cplusplus)\n\
         extern __typeof__(&{name}) layout_test_pointer_{name};\n#endif\n#endif\n",
        condition::print(when)
    )
}

fn layout(model: &Model, entry: &Entry, body: &Upstream, when: &When, fields: &[Field]) -> String {
    let prefix = model.macro_prefix();
    let name = &entry.name;
    let tag = condition_tag(when);
    let mut text = String::new();
    // The layouts that nested structs have follow the build, which is all that they depend on.
    for cell in representative_cells(model, body, when) {
        text.push_str(&format!(
            "#if ({}) && ({}) && {}\n",
            condition::print(&body.complete),
            condition::print(when),
            build_condition(&cell)
        ));
        text.push_str(&by_data_model(&prefix, "", |data_model| {
            let laid = model.lay_out_upstream(fields, &cell, data_model)?;
            Some(asserts(&prefix, name, tag, &cell, &laid))
        }));
        text.push_str("#endif\n");
    }
    text
}

fn asserts(prefix: &str, name: &str, tag: u32, cell: &Cell, laid: &LaidOut) -> String {
    let build = format!("{:?}", cell.build);
    let size = laid.extent.size;
    let mut text = assertion(
        prefix,
        &format!("{name}_{tag}_{build}_size"),
        &format!("sizeof({name}) == {size}"),
        &format!("{name} has {size} bytes"),
    );
    for field in &laid.fields {
        let (field, offset) = (&field.name, field.offset);
        text.push_str(&assertion(
            prefix,
            &format!("{name}_{tag}_{build}_{field}"),
            &format!("offsetof({name}, {field}) == {offset}"),
            &format!("{name}.{field} is at {offset}"),
        ));
    }
    text
}

/// One cell a build at which the layout holds and the struct is complete.
fn representative_cells(model: &Model, body: &Upstream, when: &When) -> Vec<Cell> {
    let mut cells: Vec<Cell> = Vec::new();
    for cell in model.pythons.compile_cells() {
        let plain = runtime(cell.version, cell.build);
        let fits = when.holds(&cell) && body.complete.holds(&cell);
        if fits && !cells.iter().any(|other| other.build == cell.build) {
            cells.push(plain);
        }
    }
    cells
}

fn build_condition(cell: &Cell) -> &'static str {
    match cell.build {
        crate::model::when::Build::Gil => "!defined(Py_GIL_DISABLED)",
        crate::model::when::Build::Ft => "defined(Py_GIL_DISABLED)",
    }
}
