//! Every entry on every CPython, in each mode of the API.

mod cell;
mod mode;

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::Subject;
use super::frame::{Frame, Tab};
use super::shapes::{Struct, pages};
use super::tools::{Choice, Listing, heads};
use super::words::prose;
use crate::emit::FileSet;
use crate::model::when::Build;
use crate::model::{Entry, Family, Kind, Model};
use crate::surface::manifest::run_label;
use cell::{Square, Tone};
use mode::Mode;

/// Its file.
pub(super) const FILE: &str = "matrix.html";

/// The colours of the legend.
const TONES: [(Tone, &str, &str); 5] = [
    (
        Tone::Native,
        "CPython's",
        "CPython's own function does the work",
    ),
    (Tone::Own, "pyshim's", "pyshim's code does"),
    (Tone::Nothing, "nothing", "there is nothing to do"),
    (
        Tone::Fact,
        "yes, 16 bytes, 87",
        "it is there; the size of a struct; the number of a slot",
    ),
    (Tone::Absent, "–", "it is not there"),
];

pub(super) fn page(
    subject: &Subject<'_>,
    structs: &[Struct<'_>],
    frame: &Frame,
    files: &mut FileSet,
) {
    let families = subject.model.families.iter();
    let modes = Mode::of(subject.model);
    let choices = [
        Choice {
            key: "mode",
            name: "API mode",
            words: modes.iter().map(|mode| mode.name()).collect(),
        },
        Choice {
            key: "family",
            name: "Family",
            words: families.map(|one| one.id.as_str()).collect(),
        },
        Choice {
            key: "kind",
            name: "Kind",
            words: KINDS.to_vec(),
        },
    ];
    let body = html! {
        p .lede {
            "What an extension finds that is compiled in some mode of the API, on the CPython that runs it."
        }
        dl .modes { @for mode in &modes { dt { (mode.name()) } dd { (prose(mode.meaning())) } } }
        ul .legend aria-label="Legend" {
            @for (tone, example, meaning) in TONES { li { span .key .(tone.class()) { (example) } " " (meaning) } }
            li { span .key .from { "3.13+" } " from that " code { "Py_LIMITED_API" } " on" }
            li { "An empty cell: that CPython does not load such a module." }
        }
        (table(subject, &modes, &choices, &pages(structs)))
    };
    frame.add(files, Tab::Matrix, FILE, Tab::Matrix.name(), &body);
}

fn table(
    subject: &Subject<'_>,
    modes: &[Mode],
    choices: &[Choice<'_>],
    pages: &BTreeMap<&str, &str>,
) -> Markup {
    let mut runs = subject.model.pythons.runtimes();
    runs.sort_by_key(|run| (run.build == Build::Ft, run.version));
    let heads = html! {
        (heads(&["Entry", "Mode"]))
        @for run in &runs { th scope="col" data-sorts="no" { (run_label(run)) } }
    };
    let rows = html! {
        @for (family, entry) in entries(subject.model) {
            @for (index, (name, squares)) in cell::rows(subject.model, modes, entry, &runs).into_iter().enumerate() {
                tr data-mode=(name) data-family=(family.id) data-kind=(kind(entry)) {
                    th scope="row" .again[index > 0] { (head(family, entry, pages)) }
                    td { (name) }
                    @for square in squares { (cell(square)) }
                }
            }
        }
    };
    let table = Listing {
        class: Some("matrix"),
        id: "matrix",
        noun: "rows",
        label: "Support matrix",
        caption: "Entries by CPython and API mode; `t` is a free-threaded build",
        choices,
    };
    table.show(&heads, &rows)
}

/// What is promised comes before facts about CPython, and functions come first, for they differ.
fn entries(model: &Model) -> Vec<(&Family, &Entry)> {
    let mut entries = Vec::from_iter(model.entries());
    let is_function = |entry: &Entry| matches!(entry.kind, Kind::Function(_));
    entries.sort_by_key(|(_, entry)| (entry.life.is_none(), !is_function(entry)));
    entries
}

/// An entry's name, which leads to what else there is of it.
fn head(family: &Family, entry: &Entry, pages: &BTreeMap<&str, &str>) -> Markup {
    let about = format!("{}, {}: {}", family.id, kind(entry), entry.doc);
    let name = entry.name.as_str();
    html! {
        span title=(about) {
            @match (pages.get(name), &entry.life) {
                (Some(file), _) => a href=(file) { code { (name) } },
                (None, Some(_)) => code { (name) },
                (None, None) => a href=(super::history::anchor(name)) { code { (name) } },
            }
        }
        @if let Some(life) = &entry.life {
            @if let Some((since, instead)) = &life.deprecated {
                " " span .note { "deprecated in " (since) ", use " (instead) }
            }
            @if let Some(release) = &life.removed { " " span .note { "removed in " (release) } }
        }
    }
}

fn cell(square: Option<Square>) -> Markup {
    html! {
        @match square {
            None => td .void {},
            Some(square) => td .(square.tone.class()) {
                (square.words)
                @if let Some(from) = square.from { " " span .from { (from) "+" } }
            },
        }
    }
}

const KINDS: [&str; 5] = [
    "function",
    "struct",
    "constant",
    "CPython's struct",
    "CPython's function",
];

fn kind(entry: &Entry) -> &'static str {
    match &entry.kind {
        Kind::Function(_) => "function",
        Kind::Struct(_) => "struct",
        Kind::Constant(_) | Kind::Bitfield(_) | Kind::Macro | Kind::Slot(_) => "constant",
        Kind::Upstream(_) => "CPython's struct",
        Kind::Symbol(_) => "CPython's function",
    }
}
