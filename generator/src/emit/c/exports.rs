//! Export lists for the C core as a shared library, in the three formats that linkers read.

use crate::emit::{FileSet, banner};
use crate::model::{Definition, Kind, Model};

/// Writes the lists under `shim/exports/`.
pub fn emit(model: &Model, files: &mut FileSet) {
    let names = names(model);
    let prefix = &model.prefix;
    let each =
        |format: &dyn Fn(&String) -> String| -> String { names.iter().map(format).collect() };
    // Linkers take no section without a name.
    let global = if names.is_empty() { "" } else { "  global:\n" };
    let elf = format!(
        "{}{{\n{global}{}  local:\n    *;\n}};\n",
        banner("#"),
        each(&|name| format!("    {name};\n"))
    );
    files.add(format!("shim/exports/{prefix}.map"), elf);
    let mach_o = banner("#") + &each(&|name| format!("_{name}\n"));
    files.add(format!("shim/exports/{prefix}.exp"), mach_o);
    let windows = format!(
        "{}EXPORTS\n{}",
        banner(";"),
        each(&|name| format!("    {name}\n"))
    );
    files.add(format!("shim/exports/{prefix}.def"), windows);
}

/// The functions that the C core always has; everything else is hidden.
#[must_use]
pub fn names(model: &Model) -> Vec<String> {
    let mut names = Vec::new();
    for (_, entry) in model.entries() {
        let Kind::Function(body) = &entry.kind else {
            continue;
        };
        if body.definition == Definition::Core && !entry.is_removed() {
            names.push(entry.name.clone());
        }
    }
    names.sort();
    names
}
