//! Export lists for the C core as a shared library, in the three formats that linkers read.

use crate::emit::{FileSet, banner};
use crate::model::{Kind, Model};

/// Writes the lists under `shim/exports/`.
pub fn emit(model: &Model, files: &mut FileSet) {
    let names = names(model);
    let prefix = &model.prefix;
    let each = |format: &dyn Fn(&String) -> String| -> String { names.iter().map(format).collect() };
    let elf = format!(
        "{}{{\n  global:\n{}  local:\n    *;\n}};\n",
        banner("#"),
        each(&|name| format!("    {name};\n"))
    );
    files.add(format!("shim/exports/{prefix}.map"), elf);
    let mach_o = banner("#") + &each(&|name| format!("_{name}\n"));
    files.add(format!("shim/exports/{prefix}.exp"), mach_o);
    let windows = format!("{}EXPORTS\n{}", banner(";"), each(&|name| format!("    {name}\n")));
    let data = format!("    {prefix}_table_current\n");
    files.add(
        format!("shim/exports/{prefix}.def"),
        windows.replace(&data, &format!("    {prefix}_table_current DATA\n")),
    );
}

/// The plain functions and the table; everything else is inline or hidden.
#[must_use]
pub fn names(model: &Model) -> Vec<String> {
    let mut names = vec![format!("{}_table_current", model.prefix)];
    for (_, entry) in model.entries() {
        if matches!(&entry.kind, Kind::Function(body) if body.slot.is_none()) {
            names.push(entry.name.clone());
        }
    }
    names.sort();
    names
}
