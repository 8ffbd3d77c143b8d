//! The generated parts of pages that are written by hand: between
//! `<!-- generated: NAME -->` and `<!-- end -->`.

use super::FileSet;
use crate::check::codes;
use crate::config::refusal::Wrong;
use crate::history::{self, Observed};
use crate::manifest::ReadError;
use crate::model::python::Pythons;
use crate::model::support::by_table;
use crate::model::version::Version;
use crate::model::when::{Api, Build, Cell};
use crate::model::{Definition, Entry, Family, Function, Kind, Model};
use crate::observe::Trouble;
use crate::report::{Breaks, Rule};
use crate::rules;
use crate::upstream;

/// Reads a page; `None` when there is none.
pub type ReadPage<'a> = &'a dyn Fn(&str) -> Result<Option<String>, ReadError>;

/// The page of upstream's faults; where it is, its reproducers are, too.
const UPSTREAM: &str = "docs/upstream.md";

/// Fills in the pages that are there.
pub fn fill(
    model: &Model,
    observed: &[Observed],
    read: ReadPage<'_>,
) -> Result<FileSet, ReadError> {
    let mut files = FileSet::default();
    let pages = [
        "README.md",
        "docs/config.md",
        "docs/diagnostics.md",
        "docs/history.md",
        "docs/rules.md",
        UPSTREAM,
    ];
    let mut pages = Vec::from_iter(pages.map(str::to_owned));
    pages.extend(
        model
            .families
            .iter()
            .map(|family| format!("docs/families/{}.md", family.id)),
    );
    for page in pages {
        if let Some(text) = read(&page)? {
            files.add(
                page,
                fill_page(model, observed, &text.replace("\r\n", "\n")),
            );
        }
    }
    if files.files.contains_key(UPSTREAM) {
        for fault in upstream::faults(observed) {
            files.add(fault.path(), fault.text());
        }
    }
    files.add("abi/schema.json", schema());
    Ok(files)
}

fn fill_page(model: &Model, observed: &[Observed], text: &str) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<!-- generated: ") {
        let Some((name, body)) = after.split_once(" -->\n") else {
            break;
        };
        let Some((_, tail)) = body.split_once("<!-- end -->") else {
            break;
        };
        let part = part(model, observed, name).unwrap_or_else(|| format!("no such part: {name}\n"));
        filled.push_str(&format!(
            "{before}<!-- generated: {name} -->\n{part}<!-- end -->"
        ));
        rest = tail;
    }
    filled + rest
}

fn part(model: &Model, observed: &[Observed], name: &str) -> Option<String> {
    match name.split_once(' ') {
        None if name == "matrix" => Some(matrix(model)),
        None if name == "codes" => Some(code_table()),
        None if name == "troubles" => Some(trouble_table()),
        None if name == "refusals" => Some(refusal_table()),
        None if name == "rules" => Some(rule_sections()),
        None if name == "guards" => Some(guard_table(model)),
        Some(("history", "tables")) => Some(history::tables(&history::groups(model), observed)),
        Some(("history", "changes")) => Some(history::changes(&history::groups(model), observed)),
        None if name == "faults" => Some(upstream::page(&upstream::faults(observed))),
        Some(("family", id)) => model
            .families
            .iter()
            .find(|family| family.id == id)
            .map(|family| reference(model, family)),
        _ => None,
    }
}

/// What extensions can be compiled as, and who provides each function on the CPython that runs.
fn matrix(model: &Model) -> String {
    format!(
        "{}\n{}",
        header_table(&model.pythons),
        provider_table(model)
    )
}

/// Which APIs the headers of each CPython offer.
fn header_table(pythons: &Pythons) -> String {
    let cells = pythons.compile_cells();
    let least = |version: Version, build: Build, api: Api| {
        let same = cells
            .iter()
            .filter(|cell| cell.version == version && cell.api == api);
        // abi3t comes from the headers of either build.
        let limited = same.filter(|cell| cell.build == build || api == Api::Abi3t);
        limited
            .filter_map(|cell| cell.limited)
            .min()
            .map_or("no".to_owned(), |v| format!("from {v}"))
    };
    let mut rows: Vec<(Cell, Cell, [String; 2])> = Vec::new();
    for cell in by_build(&pythons.runtimes()) {
        let row = [Api::Abi3, Api::Abi3t].map(|api| least(cell.version, cell.build, api));
        match rows.last_mut() {
            Some((_, last, same)) if last.build == cell.build && *same == row => *last = cell,
            _ => rows.push((cell, cell, row)),
        }
    }
    let mut text = "| headers of | full API | `Py_LIMITED_API` | `Py_TARGET_ABI3T` |\n".to_owned();
    text.push_str("|---|---|---|---|\n");
    for (first, last, [abi3, abi3t]) in rows {
        text.push_str(&format!(
            "| {} | yes | {abi3} | {abi3t} |\n",
            range(&first, &last)
        ));
    }
    text
}

/// Who provides each slot. Functions of a family that agree share a row.
fn provider_table(model: &Model) -> String {
    let groups = merge(model, &model.pythons.runtimes());
    let mut rows: Vec<(Vec<String>, Vec<&str>)> = Vec::new();
    for (entry, body) in model.table() {
        let row: Vec<&str> = groups
            .iter()
            .map(|(_, cell)| by_table(model, body, cell).words())
            .collect();
        match rows.last_mut() {
            Some((names, same)) if *same == row => names.push(format!("`{}`", entry.name)),
            _ => rows.push((vec![format!("`{}`", entry.name)], row)),
        }
    }
    let mut text = "| function |".to_owned();
    for (label, _) in &groups {
        text.push_str(&format!(" {label} |"));
    }
    text.push_str(&format!("\n|---|{}\n", "---|".repeat(groups.len())));
    for (names, row) in rows {
        text.push_str(&format!(
            "| {} | {} |\n",
            names.join("<br>"),
            row.join(" | ")
        ));
    }
    text
}

/// GIL-enabled builds first.
fn by_build(cells: &[Cell]) -> Vec<Cell> {
    let of = |build| {
        cells
            .iter()
            .copied()
            .filter(move |cell: &Cell| cell.build == build)
    };
    of(Build::Gil).chain(of(Build::Ft)).collect()
}

/// `3.8 to 3.12`, `3.13t`.
fn range(first: &Cell, last: &Cell) -> String {
    let name = |cell: &Cell| {
        format!(
            "{}{}",
            cell.version,
            if cell.build == Build::Ft { "t" } else { "" }
        )
    };
    if first == last {
        name(first)
    } else {
        format!("{} to {}", name(first), name(last))
    }
}

/// Neighbouring CPythons with the same support share a column.
fn merge(model: &Model, cells: &[Cell]) -> Vec<(String, Cell)> {
    let column = |cell: &Cell| -> Vec<&str> {
        model
            .table()
            .iter()
            .map(|(_, body)| by_table(model, body, cell).words())
            .collect()
    };
    let mut merged: Vec<(Cell, Cell)> = Vec::new();
    for cell in by_build(cells) {
        match merged.last_mut() {
            Some((_, last)) if last.build == cell.build && column(last) == column(&cell) => {
                *last = cell;
            }
            _ => merged.push((cell, cell)),
        }
    }
    merged
        .into_iter()
        .map(|(first, last)| (range(&first, &last), first))
        .collect()
}

fn code_table() -> String {
    let mut text = "| code | what is wrong | what to do |\n|---|---|---|\n".to_owned();
    for code in codes::ALL {
        text.push_str(&format!(
            "| {} | {} | {} |\n",
            code.id(),
            code.meaning(),
            code.advice()
        ));
    }
    text
}

/// What observing can end in.
fn refusal_table() -> String {
    let mut text = "| code | meaning | what to do |\n|---|---|---|\n".to_owned();
    for wrong in Wrong::ALL {
        let (code, meaning, advice) = (wrong.code(), wrong.meaning(), wrong.advice());
        text.push_str(&format!("| {code} | {meaning} | {advice} |\n"));
    }
    text
}

fn trouble_table() -> String {
    let mut text = "| code | what is wrong | what to do |\n|---|---|---|\n".to_owned();
    for one in Trouble::ALL {
        let (code, meaning, advice) = (one.code(), one.meaning(), one.advice());
        text.push_str(&format!("| {code} | {meaning} | {advice} |\n"));
    }
    text
}

/// A heading for each rule, which reports link to.
fn rule_sections() -> String {
    let mut text = String::new();
    for rule in rules::every() {
        let Rule { id, name, .. } = rule;
        let (level, breaks) = (rule.level.word(), breaks(rule.breaks));
        let (meaning, hint) = (rule.meaning, rule.hint);
        text.push_str(&format!(
            "\n### {id}\n\n`{name}`: {level}; breaks {breaks}.\n\n{meaning}\n\nWhat to do: {hint}.\n"
        ));
        if !rule.suppressible {
            text.push_str("\nIt cannot be suppressed.\n");
        }
    }
    text + "\n"
}

fn breaks(breaks: Breaks) -> &'static str {
    match breaks {
        Breaks::Nothing => "nothing",
        Breaks::Source => "source",
        Breaks::Binary => "what is compiled",
        Breaks::Both => "source and what is compiled",
    }
}

fn guard_table(model: &Model) -> String {
    let mut text = "| code | what the compiler says |\n|---|---|\n".to_owned();
    for guard in super::c::guards::all(model) {
        text.push_str(&format!("| {} | {} |\n", guard.id, guard.message));
    }
    text
}

/// Every entry of ours in the family, in the manifest's order.
fn reference(model: &Model, family: &Family) -> String {
    let mut text = String::new();
    let mut after_item = false;
    for part in family
        .entries
        .iter()
        .filter_map(|entry| describe(model, entry))
    {
        let item = part.starts_with("- ");
        if !text.is_empty() {
            text.push_str(if item && after_item { "\n" } else { "\n\n" });
        }
        text.push_str(&part);
        after_item = item;
    }
    text + "\n"
}

/// An entry without a line end: a section, or an item of a list. `None` for what is CPython's.
fn describe(model: &Model, entry: &Entry) -> Option<String> {
    let (name, doc) = (&entry.name, format!("{}{}", entry.doc, fate(entry)));
    Some(match &entry.kind {
        Kind::Function(body) => function(entry, body, &doc),
        Kind::Struct(body) => {
            let mut text = format!("### `{name}`\n\n{doc}");
            if let Some(laid) = model.lay_out(body, crate::model::layout::DataModel::Lp64) {
                text.push_str("\n\n| field | offset on 64-bit | bytes |\n|---|---|---|");
                for field in laid.fields {
                    let row = format!("\n| `{}` | {} | {} |", field.name, field.offset, field.size);
                    text.push_str(&row);
                }
            }
            text
        }
        Kind::Bitfield(body) => {
            let mut text =
                format!("### `{name}`\n\n{doc}\n\n| bit | mask | meaning |\n|---|---|---|");
            for bit in &body.bits {
                let bit_name = format!("{name}_{}", bit.name).to_uppercase();
                text.push_str(&format!(
                    "\n| `{bit_name}` | 0x{:X} | {} |",
                    bit.mask(),
                    bit.doc
                ));
            }
            text
        }
        Kind::Constant(value) => format!("- `{name}` = {value}: {doc}"),
        Kind::Macro => format!("- `{name}`: {doc}"),
        Kind::Upstream(_) | Kind::Symbol(_) | Kind::Slot(_) => return None,
    })
}

/// What became of an entry that is no longer to be used.
fn fate(entry: &Entry) -> String {
    let Some(life) = &entry.life else {
        return String::new();
    };
    let removed = life
        .removed
        .as_ref()
        .map(|release| format!(" Removed in {release}."));
    let deprecated = life
        .deprecated
        .as_ref()
        .map(|(since, replacement)| format!(" Deprecated since {since}: use `{replacement}`."));
    deprecated.unwrap_or_default() + &removed.unwrap_or_default()
}

fn function(entry: &Entry, body: &Function, doc: &str) -> String {
    let contract = &body.contract;
    let only = match &body.definition {
        Definition::CoreWith(name) => format!(" Only where everything is compiled with `{name}`."),
        Definition::Core | Definition::Header => String::new(),
    };
    format!(
        "### `{}`\n\n```c\n{};\n```\n\n{doc}{only}\n\n- Thread state: {}.\n- Ownership: {}.\n\
         - Errors: {}.\n- Versions: {}.",
        entry.name,
        super::c::prototype(&entry.name, &body.signature),
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
