//! What each name is in each CPython, and what changed from one to the next.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use super::Subject;
use super::frame::{Frame, Tab};
use super::shapes::{Struct, pages};
use super::tools::{Choice, Listing, heads, wide};
use super::words::{level, prose, rule};
use crate::emit::FileSet;
use crate::history::{Section, Step, Table, groups, sections, steps};
use crate::model::Model;
use crate::report::Level;

/// Its file.
pub(super) const FILE: &str = "history.html";

/// Where the history of a name is.
pub(super) fn anchor(name: &str) -> String {
    format!("{FILE}#name-{name}")
}

pub(super) fn page(
    subject: &Subject<'_>,
    structs: &[Struct<'_>],
    frame: &Frame,
    files: &mut FileSet,
) {
    let groups = groups(subject.model);
    let sections = match subject.observed {
        [] => Vec::new(),
        observed => sections(&groups, observed),
    };
    let steps = steps(&groups, subject.observed);
    let pages = pages(structs);
    let mut seen = BTreeSet::new();
    let body = html! {
        p .lede {
            "What the snapshots say of each name that the manifest is about or watches. A column is a CPython, or "
            "several that are alike in the whole table; " code { "t" } " is a free-threaded build."
        }
        nav .inner aria-label="On this page" {
            ul {
                li { a href="#names" { "What is where" } }
                @if !steps.is_empty() { li { a href="#changes" { "What changed" } } }
                li { a href="#own" { "Entries of this manifest" } }
            }
        }
        h2 #names { "What is where" }
        @if sections.is_empty() { p { "There are no snapshots beside the manifest." } }
        @else { (key()) }
        @for section in &sections { (names(section, &pages, &mut seen)) }
        @if !steps.is_empty() { (changes(&steps)) }
        (own(subject.model))
    };
    frame.add(files, Tab::History, FILE, Tab::History.name(), &body);
}

/// What cells say in few words.
const KEY: [(&str, &str); 7] = [
    (
        "function, variable",
        "declared, and exported by the executable",
    ),
    ("inline, macro", "the headers bring it themselves"),
    ("incomplete", "a struct that is only declared"),
    ("exported only", "no public header declares it"),
    ("–", "not there"),
    (
        "L, L3.10+",
        "the same in every limited API of these headers, or from that `Py_LIMITED_API` on",
    ),
    (
        "abi3t, not abi3t",
        "in `Py_TARGET_ABI3T` too, or not, where that is not as in the newest limited API",
    ),
];

fn key() -> Markup {
    html! {
        details {
            summary { "What the cells say" }
            dl .modes { @for (words, meaning) in KEY { dt { (words) } dd { (prose(meaning)) } } }
        }
    }
}

fn names<'a>(
    section: &'a Section,
    pages: &BTreeMap<&str, &str>,
    seen: &mut BTreeSet<&'a str>,
) -> Markup {
    let mut head = |name: &'a str| {
        // A name may be of two groups, and an anchor is of one place.
        let id = seen.insert(name).then(|| format!("name-{name}"));
        html! {
            span id=[id] {
                @match pages.get(name) {
                    Some(file) => a href=(file) { code { (name) } },
                    None => code { (name) },
                }
            }
        }
    };
    html! {
        h3 { (prose(&section.heading)) }
        (wide(&section.heading, &table(&section.table, &prose(&section.heading), &mut head)))
    }
}

fn table<'a>(
    table: &'a Table,
    caption: &Markup,
    head: &mut dyn FnMut(&'a str) -> Markup,
) -> Markup {
    html! {
        table .facts {
            caption .unseen { (caption) }
            thead { tr {
                th scope="col" { (table.first) }
                @for column in &table.columns { th scope="col" { (column) } }
            } }
            tbody {
                @for (names, cells) in &table.rows {
                    tr {
                        th scope="row" { ul { @for name in names { li { (head(name)) } } } }
                        @for cell in cells { td .absent[cell == "–"] { (prose(cell)) } }
                    }
                }
            }
        }
    }
}

fn changes(steps: &[Step]) -> Markup {
    let labels = Vec::from_iter(
        steps
            .iter()
            .map(|step| format!("{} to {}", step.old, step.new)),
    );
    let choices = [
        Choice {
            key: "step",
            name: "From",
            words: labels.iter().map(String::as_str).collect(),
        },
        Choice {
            key: "level",
            name: "Level",
            words: Vec::from(Level::WORST_FIRST.map(Level::word)),
        },
    ];
    html! {
        h2 #changes { "What changed" }
        ul .steps {
            @for (step, label) in steps.iter().zip(&labels) { li { strong { (label) } ": " (step.summary()) } }
        }
        (Listing {
            class: None,
            id: "steps",
            noun: "changes",
            label: "What changed",
            caption: "Changes from one CPython to the next, and from one build to the other",
            choices: &choices,
        }
        .show(&heads(&["From", "Level", "Rule", "What", "Change"]), &html! {
            @for (index, (step, label)) in steps.iter().zip(&labels).enumerate() {
                @for change in &step.changes {
                    tr data-step=(label) data-level=(change.level.word()) {
                        td data-sort=(index) { (label) }
                        td data-sort=(change.level as u8) { (level(change.level)) }
                        td { (rule(change.rule)) }
                        td .names { ul { @for item in &change.items { li { code { (item) } } } } }
                        td .prose { (prose(&change.change)) }
                    }
                }
            }
        }))
    }
}

/// What is promised has a history of its own.
fn own(model: &Model) -> Markup {
    let entries = model
        .entries()
        .filter_map(|(family, entry)| Some((family, entry, entry.life.as_ref()?)));
    html! {
        h2 #own { "Entries of this manifest" }
        (Listing {
            class: None,
            id: "lives",
            noun: "entries",
            label: "Entries of this manifest",
            caption: "Releases that added, deprecated and removed entries",
            choices: &[],
        }
        .show(&heads(&["Entry", "Family", "Added", "Deprecated", "Removed", "What it is"]), &html! {
            @for (family, entry, life) in entries {
                tr {
                    th scope="row" { code { (entry.name) } }
                    td { (family.id) }
                    td { (life.added) }
                    td { @if let Some((since, instead)) = &life.deprecated { (since) ": use " code { (instead) } } @else { "–" } }
                    td { @if let Some(release) = &life.removed { (release) } @else { "–" } }
                    td .prose { (prose(entry.doc.split(". ").next().unwrap_or_default())) }
                }
            }
        }))
    }
}
