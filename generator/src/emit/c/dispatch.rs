//! The generated part of the C core: stubs, who provides what where, the symbols to resolve, and
//! the offsets of CPython's structs by build.

use super::comment;
use super::{by_data_model, params, prototype};
use std::collections::{BTreeMap, BTreeSet};

use crate::emit::FileSet;
use crate::emit::c::function::{self, table_field};
use crate::emit::c::header::{c_banner, with_prefix};
use crate::model::layout::DataModel;
use crate::model::ty::Ty;
use crate::model::when::{Arm, Build, When};
use crate::model::{Entry, Function, Model, Provides, Signature};

/// Writes the C core's generated files under `shim/csrc/generated/`.
pub fn emit(model: &Model, files: &mut FileSet) {
    files.add("shim/csrc/generated/dispatch.h", dispatch_header(model));
    files.add("shim/csrc/generated/dispatch.c", dispatch_source(model));
    files.add("shim/csrc/generated/upstream.h", upstream(model));
}

fn dispatch_header(model: &Model) -> String {
    let prefix = &model.prefix;
    let hidden = format!("{}_HIDDEN", model.macro_prefix());
    let mut text = c_banner();
    let guard = format!("{}_CORE_DISPATCH_H", model.macro_prefix());
    text.push_str(&format!(
        "#ifndef {guard}\n#define {guard}\n\n#include \"{prefix}.h\"\n\n"
    ));
    text.push_str(INTRINSICS);
    text.push_str(&table(model));
    text.push_str("\n/* Functions of the C core that provide slots. */\n");
    let mut seen = BTreeSet::new();
    for (_, body) in model.table() {
        for provider in &body.providers {
            let Provides::Core(name) = &provider.what else {
                continue;
            };
            if seen.insert(name.as_str()) {
                text.push_str(&format!("{hidden} {};\n", prototype(name, &body.signature)));
            }
        }
    }
    let slots = model.table().into_iter().map(|(entry, body)| {
        let slot = body.slot.map_or(0, |slot| slot.value);
        format!(
            "    {prefix}_core_slot_{} = {slot},\n",
            table_field(model, &entry.name)
        )
    });
    text.push_str(&enumeration("Where each function is in the table.", slots));
    let groups = model
        .groups()
        .enumerate()
        .map(|(index, (_, group))| format!("    {prefix}_core_group_{} = {index},\n", group.name));
    text.push_str(&enumeration(
        "Groups of symbols that are bound together or not at all.",
        groups,
    ));
    text.push_str(&format!(
        "\n/* The oldest and the newest CPython that were observed, as PY_VERSION_HEX >> 16. */\n\
         #define {0}_CORE_OLDEST 0x{1:04X}u\n\
         #define {0}_CORE_NEWEST 0x{2:04X}u\n",
        model.macro_prefix(),
        model.pythons.oldest().hex() >> 16,
        model.pythons.newest().hex() >> 16
    ));
    text.push_str(
        "\n/* CPython's functions as found in the process; NULL where they are not. */\n",
    );
    text.push_str(&format!("typedef struct {prefix}_core_natives {{\n"));
    for (entry, symbol) in model.symbols() {
        let anonymous = anonymous(&symbol.signature);
        let pointer = format!("(*{})({})", native_field(&entry.name), params(&anonymous));
        text.push_str(&format!("    {};\n", anonymous.returns.c(&pointer)));
    }
    if model.symbols().next().is_none() {
        text.push_str("    void (*none)(void); /* a struct has a member */\n");
    }
    text.push_str(&format!("}} {prefix}_core_natives;\n\n#endif\n"));
    text
}

/// Constants, or nothing: C has no empty enumeration.
fn enumeration(doc: &str, rows: impl Iterator<Item = String>) -> String {
    let rows: String = rows.collect();
    if rows.is_empty() {
        rows
    } else {
        format!("\n/* {doc} */\nenum {{\n{rows}}};\n")
    }
}

/// An array. C has none without an element, so one that says nothing stands for none.
fn array(head: &str, rows: &str, nothing: &str) -> String {
    let rows = if rows.is_empty() {
        format!("    {nothing} /* none */\n")
    } else {
        rows.to_owned()
    };
    format!("static const {head}[] = {{\n{rows}}};\n\n")
}

const INTRINSICS: &str = "\
#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h> /* __ldar64 on Arm */
#endif

";

fn table(model: &Model) -> String {
    let mut fields = String::new();
    for (entry, body) in model.table() {
        let field = table_field(model, &entry.name);
        let pointer = format!("(*{field})({})", params(&body.signature));
        fields.push_str(&format!("    {};\n", body.signature.returns.c(&pointer)));
    }
    with_prefix(model, include_str!("templates/dispatch_table.h")).replace("@FIELDS@", &fields)
}

/// The signature without the names of CPython's structs, which not every header declares.
pub(super) fn anonymous(signature: &Signature) -> Signature {
    let strip = |ty: &Ty| match ty {
        Ty::Ptr { constant, .. } => Ty::Ptr {
            to: Box::new(Ty::Void),
            constant: *constant,
        },
        other => other.clone(),
    };
    Signature {
        params: signature
            .params
            .iter()
            .map(|(name, ty)| (name.clone(), strip(ty)))
            .collect(),
        returns: strip(&signature.returns),
    }
}

/// The member that holds a symbol: never the symbol's own name, which may be a macro.
pub(super) fn native_field(symbol: &str) -> String {
    symbol.to_lowercase()
}

fn dispatch_source(model: &Model) -> String {
    let prefix = &model.prefix;
    let mut text = c_banner();
    text.push_str("/* The tables of the C core; its unity file includes this one. */\n\n");
    for (entry, body) in model.table() {
        text.push_str(&stub(model, entry, body));
    }
    text.push_str(&format!(
        "\nstatic const {prefix}_table {prefix}_core_stubs = {{\n    {0}_TABLE_HASH,\n    \
         {0}_TABLE_LENGTH,\n",
        model.macro_prefix()
    ));
    for (entry, _) in model.table() {
        text.push_str(&format!(
            "    {prefix}_stub_{},\n",
            table_field(model, &entry.name)
        ));
    }
    text.push_str("};\n\n");
    let kept: Vec<_> = model
        .table()
        .into_iter()
        .filter(|(entry, _)| !entry.is_removed())
        .collect();
    if !kept.is_empty() {
        text.push_str(THROUGH_TABLE);
        for (entry, body) in kept {
            text.push_str(&function::through_table(model, entry, body));
        }
        text.push('\n');
    }
    text.push_str(&symbols(model));
    text.push_str(&groups(model));
    text.push_str(&providers(model));
    text.push_str(&behaviours(model));
    text
}

const THROUGH_TABLE: &str = "\
/* What is called where the caller does not know the CPython that it is for. These are functions,
 * as the linker's own stubs for CPython's functions are, since processors predict an indirect call
 * in the caller's code worse than a direct one to an indirect jump. */
";

/// What a slot does before initialisation: raise where it can, and abort where it cannot.
fn stub(model: &Model, entry: &Entry, body: &Function) -> String {
    let prefix = &model.prefix;
    let name = format!("{prefix}_stub_{}", table_field(model, &entry.name));
    let unused: String = body
        .signature
        .params
        .iter()
        .map(|(name, _)| format!("    (void){name};\n"))
        .collect();
    let value = match &body.signature.returns {
        Ty::Void => String::new(),
        Ty::Scalar(_) => "    return -1;\n".to_owned(),
        _ => "    return NULL;\n".to_owned(),
    };
    let report = if body.raises { "raise" } else { "abort" };
    let failure = format!(
        "    {prefix}_core_{report}_uninitialised(\"{}\");\n{value}",
        entry.name
    );
    format!(
        "static {}\n{{\n{unused}{failure}}}\n",
        prototype(&name, &body.signature)
    )
}

fn symbols(model: &Model) -> String {
    let prefix = &model.prefix;
    let mut rows = String::new();
    let mut names = String::new();
    let mut count = 0;
    for (index, (entry, symbol)) in model.symbols().enumerate() {
        names.push_str(&format!("    \"{}\",\n", entry.name));
        count += 1;
        for arm in &symbol.exported.arms {
            rows.push_str(&format!("    {{{index}, {}}},\n", range(arm)));
        }
    }
    format!(
        "/* Where each symbol may be bound: in the stable ABI for good, and otherwise only on\n\
         \x20* versions whose signature was observed. */\n{}{}#define {}_CORE_SYMBOL_COUNT {count}\n\n",
        array(
            &format!("{prefix}_core_symbol {prefix}_core_symbols"),
            &rows,
            "{0, 0, 0, 0},"
        ),
        array(
            &format!("char *const {prefix}_core_symbol_names"),
            &names,
            "NULL,"
        ),
        model.macro_prefix()
    )
}

fn groups(model: &Model) -> String {
    let prefix = &model.prefix;
    let symbols = numbered(model.symbols().map(|(entry, _)| entry.name.as_str()));
    let mut rows = String::new();
    for (index, (_, group)) in model.groups().enumerate() {
        for name in &group.symbols {
            if let Some(symbol) = symbols.get(name.as_str()) {
                rows.push_str(&format!("    {{{index}, {symbol}}}, /* {name} */\n"));
            }
        }
    }
    // Group 0xFFFF is nobody's.
    let head = format!("{prefix}_core_member {prefix}_core_members");
    "/* Symbols that are bound together or not at all: group and symbol. */\n".to_owned()
        + &array(&head, &rows, "{0xFFFF, 0},")
}

/// The place of each name in a list.
fn numbered<'a>(names: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    names
        .enumerate()
        .map(|(index, name)| (name, index))
        .collect()
}

fn providers(model: &Model) -> String {
    let prefix = &model.prefix;
    let symbols = numbered(model.symbols().map(|(entry, _)| entry.name.as_str()));
    let groups = numbered(model.groups().map(|(_, group)| group.name.as_str()));
    let index = |map: &BTreeMap<&str, usize>, name: &str| {
        map.get(name).map_or("-1".to_owned(), usize::to_string)
    };
    let mut rows = String::new();
    let mut names = String::new();
    for (entry, body) in model.table() {
        rows.push_str(&format!("    /* {} */\n", entry.name));
        names.push_str(&format!("    \"{}\",\n", entry.name));
        let slot = body.slot.map_or(0, |slot| slot.value);
        for provider in &body.providers {
            let group = provider
                .requires
                .as_ref()
                .map_or("-1".to_owned(), |n| index(&groups, n));
            let (symbol, function, name) = match &provider.what {
                Provides::Symbol(name) => (index(&symbols, name), "NULL".to_owned(), name),
                Provides::Core(name) => (
                    "-1".to_owned(),
                    format!("({prefix}_core_function){name}"),
                    name,
                ),
            };
            for arm in &provider.when.arms {
                let range = range(arm);
                rows.push_str(&format!(
                    "    {{{slot}, {range}, {group}, {symbol}, {function}, \"{name}\"}},\n"
                ));
            }
        }
    }
    format!(
        "/* Who provides each slot; the first row that holds. */\n{}{}{}",
        array(
            &format!("{prefix}_core_provider {prefix}_core_providers"),
            &rows,
            "{0, 0, 0, 0, -1, -1, NULL, NULL},"
        ),
        array(
            &format!("char *const {prefix}_core_slot_names"),
            &names,
            "NULL,"
        ),
        runtime_slots(model)
    )
}

/// First version, first version after, and builds, as three initialisers.
fn range(arm: &Arm) -> String {
    let short = |version: crate::model::version::Version| version.hex() >> 16;
    let since = arm.since.map_or(0, short);
    let until = arm.until.map_or(0xFFFF, short);
    let has = |build| arm.build.is_empty() || arm.build.contains(&build);
    let builds = u8::from(has(Build::Gil)) | u8::from(has(Build::Ft)) << 1;
    format!("0x{since:04X}, 0x{until:04X}, {builds}")
}

/// The id that a running version is given for each of CPython's slots, and the bit it looks at.
fn runtime_slots(model: &Model) -> String {
    let prefix = &model.prefix;
    let mut text = String::new();
    for (entry, slot) in model.slots() {
        let rows = slot.runtime.iter().map(|(when, id)| (when, i64::from(*id)));
        text.push_str(&lookup(
            prefix,
            &format!("{}_id", entry.name.to_lowercase()),
            &format!(
                "The id of {} on a running version, or -1 where it has none.",
                entry.name
            ),
            rows,
        ));
    }
    for (_, entry) in model.entries() {
        let crate::model::Kind::Bitfield(body) = &entry.kind else {
            continue;
        };
        if body.looked_at.is_empty() {
            continue;
        }
        let rows = body.looked_at.iter().map(|(when, name)| {
            let bit = body.bits.iter().find(|bit| bit.name == *name);
            (when, bit.map_or(-1, |bit| i64::from(bit.shift)))
        });
        let short = table_field(model, &entry.name);
        text.push_str(&lookup(
            prefix,
            &format!("{short}_bit"),
            &format!(
                "The bit of {} that a running version looks at, or -1.",
                entry.name
            ),
            rows,
        ));
    }
    text
}

/// Whether a running version does each of the things that no declaration tells.
fn behaviours(model: &Model) -> String {
    let prefix = &model.prefix;
    let mut text = String::new();
    for (_, behaviour) in model.behaviours() {
        let rows: Vec<String> = behaviour
            .when
            .arms
            .iter()
            .map(|arm| format!("{prefix}_core_in_range(version, build, {})", range(arm)))
            .collect();
        let source = behaviour.source.iter();
        let source: String = source.map(|from| format!(" Source: {from}")).collect();
        text.push_str(&comment(&format!("{}{source}", behaviour.doc), ""));
        text.push_str(&format!(
            "static int {prefix}_core_{}(unsigned version, unsigned build)\n{{\n    \
             return {};\n}}\n\n",
            behaviour.name,
            rows.join("\n           || ")
        ));
    }
    text
}

fn lookup<'a>(
    prefix: &str,
    name: &str,
    doc: &str,
    rows: impl Iterator<Item = (&'a When, i64)>,
) -> String {
    let mut text = format!(
        "/* {doc} */\nstatic inline int {prefix}_core_{name}(unsigned version, unsigned build)\n{{\n"
    );
    for (when, value) in rows {
        for arm in &when.arms {
            let range = range(arm);
            text.push_str(&format!(
                "    if ({prefix}_core_in_range(version, build, {range})) {{\n        \
                 return {value};\n    }}\n"
            ));
        }
    }
    text.push_str("    return -1;\n}\n\n");
    text
}

/// Offsets of CPython's structs that are the same in every version of a build.
fn upstream(model: &Model) -> String {
    let prefix = model.macro_prefix();
    let guard = format!("{prefix}_CORE_UPSTREAM_H");
    let mut text = c_banner();
    text.push_str(&format!(
        "/* Where CPython's words lie, in bytes, by the build that runs and not by the headers. A\n\
         \x20* field is here when every version of the build that has it has it at one place. */\n\
         #ifndef {guard}\n#define {guard}\n\n#include \"python.h\"\n\n"
    ));
    text.push_str(&by_data_model(&prefix, "", |data_model| {
        let mut arm = String::new();
        for build in [Build::Gil, Build::Ft] {
            for (name, value) in stable_offsets(model, build, data_model) {
                arm.push_str(&format!("#define {prefix}_UPSTREAM_{name} {value}\n"));
            }
        }
        Some(arm)
    }));
    text.push_str("\n#endif\n");
    text.replace(
        "#include \"python.h\"",
        &format!("#include \"{}/python.h\"", model.prefix),
    )
}

fn stable_offsets(model: &Model, build: Build, data_model: DataModel) -> Vec<(String, u32)> {
    let label = if build == Build::Ft { "FT" } else { "GIL" };
    let mut stable = Vec::new();
    for (entry, body) in model.upstream() {
        let mut all: Vec<(String, Vec<u32>)> = Vec::new();
        let mut add = |name: String, value: u32| match all.iter_mut().find(|(n, _)| *n == name) {
            Some((_, values)) => values.push(value),
            None => all.push((name, vec![value])),
        };
        for cell in model
            .pythons
            .runtimes()
            .iter()
            .filter(|cell| cell.build == build)
        {
            if !body.complete.holds(cell) {
                continue;
            }
            let fields = body.layouts.iter().find(|(when, _)| when.holds(cell));
            let laid =
                fields.and_then(|(_, fields)| model.lay_out_upstream(fields, cell, data_model));
            let Some(laid) = laid else { continue };
            add(format!("{label}_{}_SIZE", entry.name), laid.extent.size);
            for field in laid.fields {
                add(
                    format!("{label}_{}_{}", entry.name, field.name),
                    field.offset,
                );
            }
        }
        stable.extend(
            all.into_iter()
                .filter(|(_, values)| values.windows(2).all(|pair| pair[0] == pair[1]))
                .map(|(name, values)| (name, values[0])),
        );
    }
    stable
}
