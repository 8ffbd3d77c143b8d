//! The first page: what there is, and which CPythons it is about.

use maud::{Markup, html};

use super::Subject;
use super::frame::{Frame, Tab};
use super::shapes::Struct;
use super::tools::wide;
use super::words::prose;
use crate::emit::FileSet;
use crate::history::Observed;

/// Its file, by which a folder of pages is known.
pub const FILE: &str = "index.html";

pub(super) fn page(
    subject: &Subject<'_>,
    structs: &[Struct<'_>],
    frame: &Frame,
    files: &mut FileSet,
) {
    let body = html! {
        p .lede {
            "A manifest of C ABI entries, and what was observed of the CPythons that it speaks about."
        }
        ul .cards {
            @for tab in frame.tabs.iter().filter(|tab| **tab != Tab::Overview) {
                li {
                    h2 { a href=(tab.file()) { (tab.name()) } }
                    p { (about(*tab, subject, structs)) }
                }
            }
        }
        h2 #families { "Families" }
        (wide("Families", &html! {
            table {
                caption { "Families of the manifest" }
                thead { tr {
                    th scope="col" { "Family" } th scope="col" { "Entries" } th scope="col" { "What it is for" }
                } }
                tbody {
                    @for family in &subject.model.families {
                        tr {
                            th scope="row" { code { (family.id) } }
                            td .number { (family.entries.len()) }
                            td .prose { (prose(&family.doc)) }
                        }
                    }
                }
            }
        }))
        @if !subject.observed.is_empty() { (cpythons(subject.observed)) }
    };
    frame.add(files, Tab::Overview, FILE, Tab::Overview.name(), &body);
}

fn about(tab: Tab, subject: &Subject<'_>, structs: &[Struct<'_>]) -> String {
    match tab {
        Tab::Overview => String::new(),
        Tab::Matrix => format!(
            "Who does the work of each of {} entries, for every CPython, build and API mode.",
            subject.model.entries().count()
        ),
        Tab::Structs => format!(
            "The bytes of {} structs, and what moved from one version or build to another.",
            structs.iter().filter(|one| !one.shapes.is_empty()).count()
        ),
        Tab::History => {
            "What each name is in each CPython, and what changed from one to the next.".to_owned()
        }
        Tab::Wheels => {
            let count = subject.wheels.map_or(0, |wheels| wheels.files.len());
            format!("What {count} files claim and keep, and which CPythons load them.")
        }
        Tab::Rules => "What is looked for, and what to do about it.".to_owned(),
    }
}

/// The facts of a snapshot that say what was looked at.
const FACTS: [(&str, &str); 4] = [
    ("executable", "Executable"),
    ("headers", "Headers"),
    ("build", "Build"),
    ("platform", "Platform"),
];

fn cpythons(observed: &[Observed]) -> Markup {
    let fact = |one: &Observed, wanted: &str| {
        let facts = one.surface.about.facts.iter();
        let values = facts.filter(|(key, _)| key == wanted);
        Vec::from_iter(values.map(|(_, value)| value.clone())).join(", ")
    };
    html! {
        h2 #cpythons { "CPythons" }
        (wide("CPythons", &html! {
            table {
                caption { "CPythons that were observed; " code { "t" } " is a free-threaded build" }
                thead { tr {
                    th scope="col" { "CPython" }
                    @for (_, name) in FACTS { th scope="col" { (name) } }
                    th scope="col" { "Names" }
                } }
                tbody {
                    @for one in observed {
                        tr {
                            th scope="row" { (one.label) }
                            @for (key, _) in FACTS { td { (fact(one, key)) } }
                            td .number { (one.surface.items.len()) }
                        }
                    }
                }
            }
        }))
    }
}
