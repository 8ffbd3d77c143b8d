//! Functions of CPython's that a universal module brings itself: macros and inline functions of newer
//! headers call them, and older CPythons export none.

use super::dispatch::{anonymous, native_field};
use super::prototype;
use crate::emit::FileSet;
use crate::emit::c::header::c_banner;
use crate::model::ty::Ty;
use crate::model::{Model, Symbol};

/// Writes `shim/csrc/generated/supplied.c`, unless nothing is supplied.
pub fn emit(model: &Model, files: &mut FileSet) {
    let functions: Vec<String> = model
        .symbols()
        .filter_map(|(entry, symbol)| {
            let core = symbol.supplied.as_deref()?;
            Some(function(model, &entry.name, symbol, core))
        })
        .collect();
    if !functions.is_empty() {
        let text = format!("{}{HEAD}\n{}", c_banner(), functions.join("\n"));
        files.add("shim/csrc/generated/supplied.c", text);
    }
}

const HEAD: &str = "\
/* What macros and inline functions of newer headers call, under CPython's names and hidden, so that
 * only this extension has them. Each is CPython's own where the running one exports it. */
";

/// The function under CPython's name: what the process has, or what the C core does instead.
fn function(model: &Model, name: &str, symbol: &Symbol, core: &str) -> String {
    let prefix = &model.prefix;
    let signature = anonymous(&symbol.signature);
    let names: Vec<&str> = signature
        .params
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    let arguments = names.join(", ");
    let field = native_field(name);
    let (give, leave) = match signature.returns {
        Ty::Void => ("", "        return;\n"),
        _ => ("return ", ""),
    };
    format!(
        "{hidden} {head};\n{head}\n{{\n    \
         const {prefix}_core_loaded *loaded = {prefix}_core_supplied_from();\n    \
         if (loaded->natives.{field} != NULL) {{\n        \
         {give}loaded->natives.{field}({arguments});\n{leave}    }}\n    \
         {give}{core}({arguments});\n}}\n",
        hidden = format_args!("{}_HIDDEN", model.macro_prefix()),
        head = prototype(name, &signature),
    )
}
