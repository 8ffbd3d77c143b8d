//! The generated parts of pages that are written by hand: between
//! `<!-- generated: NAME -->` and `<!-- end -->`.

use super::FileSet;
use crate::check::codes;
use crate::manifest::ReadError;
use crate::model::python::runtime;
use crate::model::when::{Build, Cell};
use crate::model::{Entry, Family, Function, Kind, Model, Provides};

/// Reads a page; `None` when there is none.
pub type ReadPage<'a> = &'a mut dyn FnMut(&str) -> Result<Option<String>, ReadError>;

/// Fills in the pages that are there.
pub fn fill(model: &Model, files: &mut FileSet, read: ReadPage<'_>) -> Result<(), ReadError> {
    let mut pages = vec!["README.md".to_owned(), "docs/diagnostics.md".to_owned()];
    pages.extend(model.families.iter().map(|family| format!("docs/families/{}.md", family.id)));
    for page in pages {
        if let Some(text) = read(&page)? {
            files.add(page, fill_page(model, &text.replace("\r\n", "\n")));
        }
    }
    files.add("abi/schema.json", schema());
    Ok(())
}

fn fill_page(model: &Model, text: &str) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<!-- generated: ") {
        let Some((name, body)) = after.split_once(" -->\n") else { break };
        let Some((_, tail)) = body.split_once("<!-- end -->") else { break };
        let part = part(model, name).unwrap_or_else(|| format!("no such part: {name}\n"));
        filled.push_str(&format!("{before}<!-- generated: {name} -->\n{part}<!-- end -->"));
        rest = tail;
    }
    filled + rest
}

fn part(model: &Model, name: &str) -> Option<String> {
    match name.split_once(' ') {
        None if name == "matrix" => Some(matrix(model)),
        None if name == "codes" => Some(code_table()),
        None if name == "guards" => Some(guard_table(model)),
        Some(("family", id)) => {
            model.families.iter().find(|family| family.id == id).map(|family| reference(model, family))
        }
        _ => None,
    }
}

/// Who provides each function, by CPython.
fn matrix(model: &Model) -> String {
    let cells = model.pythons.runtimes();
    let groups = merge(model, &cells);
    let mut text = "| function |".to_owned();
    for (label, _) in &groups {
        text.push_str(&format!(" {label} |"));
    }
    text.push_str("\n|---|");
    text.push_str(&"---|".repeat(groups.len()));
    text.push('\n');
    for (entry, body) in model.table() {
        text.push_str(&format!("| `{}` |", entry.name));
        for (_, cell) in &groups {
            text.push_str(&format!(" {} |", support(model, body, cell)));
        }
        text.push('\n');
    }
    text
}

/// Neighbouring CPythons with the same support share a column.
fn merge(model: &Model, cells: &[Cell]) -> Vec<(String, Cell)> {
    let column = |cell: &Cell| -> Vec<String> {
        model.table().iter().map(|(_, body)| support(model, body, cell)).collect()
    };
    let mut merged: Vec<(Cell, Cell)> = Vec::new();
    for build in [Build::Gil, Build::Ft] {
        for cell in cells.iter().filter(|cell| cell.build == build) {
            match merged.last_mut() {
                Some((_, last)) if last.build == build && column(last) == column(cell) => {
                    *last = *cell;
                }
                _ => merged.push((*cell, *cell)),
            }
        }
    }
    merged
        .into_iter()
        .map(|(first, last)| {
            let t = if first.build == Build::Ft { "t" } else { "" };
            let label = if first == last {
                format!("{}{t}", first.version)
            } else {
                format!("{}{t} to {}{t}", first.version, last.version)
            };
            (label, first)
        })
        .collect()
}

fn support(model: &Model, body: &Function, cell: &Cell) -> String {
    if !body.when.holds(cell) {
        return "not available".to_owned();
    }
    let cell = runtime(cell.version, cell.build);
    let provider = body.providers.iter().find(|provider| {
        let symbols: Vec<&String> = match (&provider.requires, &provider.what) {
            (Some(name), _) => {
                let group = model.groups().find(|(_, group)| group.name == *name);
                group.map(|(_, group)| group.symbols.iter().collect()).unwrap_or_default()
            }
            (None, Provides::Symbol(name)) => vec![name],
            (None, Provides::Core(_)) => Vec::new(),
        };
        let there =
            |name: &&String| model.symbol(name).is_some_and(|symbol| symbol.exported.holds(&cell));
        provider.when.holds(&cell) && symbols.iter().all(there)
    });
    match provider.map(|provider| &provider.what) {
        Some(Provides::Symbol(_)) => "CPython's".to_owned(),
        Some(Provides::Core(name)) if name.ends_with("no_op") => "nothing to do".to_owned(),
        Some(Provides::Core(name)) if name.ends_with("_infallible") => "CPython's".to_owned(),
        Some(Provides::Core(_)) => "pyshim's".to_owned(),
        None => "not available".to_owned(),
    }
}

fn code_table() -> String {
    let mut text = "| code | what is wrong | what to do |\n|---|---|---|\n".to_owned();
    for code in codes::ALL {
        text.push_str(&format!("| {} | {} | {} |\n", code.id(), code.meaning(), code.advice()));
    }
    text
}

fn guard_table(model: &Model) -> String {
    let mut text = "| code | what the compiler says |\n|---|---|\n".to_owned();
    for guard in super::c::guards::guards(model) {
        text.push_str(&format!("| {} | {} |\n", guard.id, guard.message));
    }
    text
}

fn reference(model: &Model, family: &Family) -> String {
    let mut text = String::new();
    for entry in &family.entries {
        match &entry.kind {
            Kind::Function(body) => text.push_str(&function(entry, body)),
            Kind::Struct(body) => {
                text.push_str(&format!("### `{}`\n\n{}\n\n", entry.name, entry.doc));
                if let Some(laid) = model.lay_out(body, crate::model::layout::DataModel::Lp64) {
                    text.push_str("| field | offset on 64-bit | bytes |\n|---|---|---|\n");
                    for field in laid.fields {
                        let row = format!("| `{}` | {} | {} |\n", field.name, field.offset, field.size);
                        text.push_str(&row);
                    }
                    text.push('\n');
                }
            }
            Kind::Constant(value) => {
                text.push_str(&format!("- `{}` = {value}: {}\n", entry.name, entry.doc));
            }
            Kind::Bitfield(body) => {
                text.push_str(&format!("### `{}`\n\n{}\n\n", entry.name, entry.doc));
                text.push_str("| bit | mask | meaning |\n|---|---|---|\n");
                for bit in &body.bits {
                    let name = format!("{}_{}", entry.name, bit.name).to_uppercase();
                    text.push_str(&format!("| `{name}` | 0x{:X} | {} |\n", bit.mask(), bit.doc));
                }
                text.push('\n');
            }
            Kind::Macro => text.push_str(&format!("- `{}`: {}\n", entry.name, entry.doc)),
            Kind::Upstream(_) | Kind::Symbol(_) | Kind::Slot(_) => {}
        }
    }
    text
}

fn function(entry: &Entry, body: &Function) -> String {
    let contract = &body.contract;
    format!(
        "\n### `{}`\n\n```c\n{};\n```\n\n{}\n\n- Thread state: {}.\n- Ownership: {}.\n- Errors: {}.\n\
         - Versions: {}.\n\n",
        entry.name,
        super::c::prototype(&entry.name, &body.signature),
        entry.doc,
        contract.thread_state,
        contract.ownership,
        contract.errors,
        contract.versions
    )
}

/// The JSON schema of a family file, which editors use for completion.
fn schema() -> String {
    let schema = schemars::schema_for!(crate::manifest::entry::FamilyFile);
    serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n"
}
