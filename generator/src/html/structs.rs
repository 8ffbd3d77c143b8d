//! The structs: a list of them, and a page for each with its bytes in every layout, beside each other.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use super::Subject;
use super::bytes::{Side, legend, map};
use super::frame::{Frame, Tab};
use super::shapes::{Shape, Struct};
use super::tools::{Choice, Listing, heads, wide};
use super::words::{level, prose, rule_of};
use crate::diff::diff;
use crate::emit::FileSet;
use crate::history::{Observed, fields, neighbours};
use crate::report::Report;
use crate::surface::Layout;

/// The file of the list.
pub(super) const FILE: &str = "structs.html";

pub(super) fn pages(
    subject: &Subject<'_>,
    structs: &[Struct<'_>],
    frame: &Frame,
    files: &mut FileSet,
) {
    frame.add(
        files,
        Tab::Structs,
        FILE,
        Tab::Structs.name(),
        &list(structs),
    );
    let mut changes = Changes {
        observed: subject.observed,
        known: BTreeMap::new(),
    };
    for one in structs.iter().filter(|one| !one.shapes.is_empty()) {
        let about = subject
            .model
            .entry(one.name)
            .map(|entry| entry.doc.as_str());
        frame.add(
            files,
            Tab::Structs,
            &one.file,
            one.name,
            &page(one, about, &mut changes),
        );
    }
}

fn owner(one: &Struct<'_>) -> &'static str {
    if one.is_own {
        "this manifest"
    } else {
        "CPython"
    }
}

fn list(structs: &[Struct<'_>]) -> Markup {
    let choice = Choice {
        key: "owner",
        name: "Of",
        words: vec!["this manifest", "CPython"],
    };
    html! {
        p .lede { "Every struct, where it has which size. Its page has the bytes of two versions or builds beside each other." }
        (Listing {
            class: None,
            id: "structs",
            noun: "structs",
            label: "Structs",
            caption: "Structs, by where they have which size",
            choices: &[choice],
        }
        .show(&heads(&["Struct", "Of", "Layouts", "Sizes"]), &html! {
            @for one in structs {
                tr data-owner=(owner(one)) {
                    th scope="row" {
                        @if one.shapes.is_empty() { code { (one.name) } }
                        @else { a href=(one.file) { code { (one.name) } } }
                    }
                    td { (owner(one)) }
                    td .number { (one.shapes.len()) }
                    td { (sizes(one)) }
                }
            }
        }))
    }
}

fn sizes(one: &Struct<'_>) -> Markup {
    html! {
        @if one.shapes.is_empty() { span .muted { "only declared: nobody can allocate it" } }
        ul .runs {
            @for shape in &one.shapes {
                li { (in_bytes(shape.layout.size)) " " span .muted { "on " (shape.label) } }
            }
        }
    }
}

fn in_bytes(count: u64) -> String {
    crate::report::picture::in_words(count)
}

/// Where the snapshots were made that have a struct, if they say so.
fn platforms(one: &Struct<'_>, observed: &[Observed]) -> String {
    let snapshots = one.shapes.iter().flat_map(|shape| &shape.observed);
    let facts = snapshots.flat_map(|index| &observed[*index].surface.about.facts);
    let platforms = facts.filter(|(key, _)| key == "platform");
    let platforms: BTreeSet<&str> = platforms.map(|(_, platform)| platform.as_str()).collect();
    match platforms.is_empty() {
        true => String::new(),
        false => format!(" on {}", Vec::from_iter(platforms).join(" and ")),
    }
}

fn page(one: &Struct<'_>, about: Option<&str>, changes: &mut Changes<'_>) -> Markup {
    let count = one.shapes.len();
    html! {
        p .lede {
            @if let Some(about) = about { (prose(about)) " " }
            @if one.is_own { "A struct of this manifest, by data model." }
            @else if one.is_declared { "A struct of CPython's, as the manifest has it." }
            @else { "A struct of CPython's, as it was observed" (platforms(one, changes.observed)) "." }
        }
        h2 #bytes { "Bytes" }
        (legend())
        @if count > 1 { (chooser(one)) }
        div #maps {
            @for (first, old) in one.shapes.iter().enumerate() {
                // By themselves where a script can choose them, or where there is but one.
                (section(first, first, count > 1, &html! { (map(one.name, &[side(old)])) }))
                @for (second, new) in one.shapes.iter().enumerate().skip(first + 1) {
                    (section(first, second, false, &html! {
                        (map(one.name, &[side(old), side(new)]))
                        (changes.between(one.name, old, new))
                    }))
                }
            }
        }
        h2 #fields { "Fields" }
        (wide("Fields", &field_table(one)))
    }
}

fn side<'a>(shape: &'a Shape<'_>) -> Side<'a> {
    Side {
        label: &shape.label,
        bytes: &shape.bytes,
    }
}

fn section(first: usize, second: usize, hidden: bool, body: &Markup) -> Markup {
    html! { section id=(format!("pair-{first}-{second}")) hidden[hidden] { (body) } }
}

/// What chooses the two sides. It needs the script; without, all pairs are there.
fn chooser(one: &Struct<'_>) -> Markup {
    let side = |name: &str, chosen: usize| {
        html! {
            label {
                (name) " "
                select aria-controls="maps" {
                    @for (index, shape) in one.shapes.iter().enumerate() {
                        option value=(index) selected[index == chosen] { (shape.label) }
                    }
                }
            }
        }
    };
    let last = one.shapes.len() - 1;
    html! {
        form .tools hidden data-pairs="maps" aria-label="What is compared" {
            (side("Compare", last - 1)) (side("with", last))
        }
    }
}

/// What a comparison finds of a struct.
struct Changes<'a> {
    observed: &'a [Observed],
    /// By the places of the two snapshots.
    known: BTreeMap<(usize, usize), Report>,
}

impl Changes<'_> {
    /// The newest neighbours that have the two layouts; or the last of the one and the first of the other.
    fn nearest(&self, old: &Shape<'_>, new: &Shape<'_>) -> Option<(usize, usize)> {
        let place = |one: &Observed| {
            self.observed
                .iter()
                .position(|other| other.label == one.label)
        };
        let pairs = neighbours(self.observed).into_iter().rev();
        let mut pairs = pairs.filter_map(|(before, after)| Some((place(before)?, place(after)?)));
        let is_of = |(before, after): &(usize, usize)| {
            old.observed.contains(before) && new.observed.contains(after)
        };
        let apart = || Some((*old.observed.last()?, *new.observed.first()?));
        pairs.find(is_of).or_else(apart)
    }

    /// From a CPython that has one layout to one that has the other.
    fn between(&mut self, name: &str, old: &Shape<'_>, new: &Shape<'_>) -> Markup {
        let Some((before, after)) = self.nearest(old, new) else {
            return html! {};
        };
        let observed = self.observed;
        let (before_of, after_of) = (&observed[before], &observed[after]);
        let report = (self.known.entry((before, after)))
            .or_insert_with(|| diff(&before_of.surface, &after_of.surface));
        let is_of = |item: &str| item.split('.').next() == Some(name);
        let findings = report
            .findings
            .iter()
            .filter(|finding| is_of(&finding.item));
        let findings = Vec::from_iter(findings);
        html! {
            @if !findings.is_empty() {
                h3 { "From " (before_of.label) " to " (after_of.label) }
                ul .findings {
                    @for finding in findings {
                        li {
                            (level(finding.level)) " " (rule_of(finding.rule)) " "
                            code { (finding.item) } ": " (prose(&finding.message))
                            @if let (Some(old), Some(new)) = (&finding.old, &finding.new) {
                                span .sides { (prose(old)) " → " (prose(new)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Where each field is in each layout; the newest gives the order, and what went comes after it.
fn field_table(one: &Struct<'_>) -> Markup {
    let places = Vec::from_iter(
        one.shapes
            .iter()
            .map(|shape| BTreeMap::<&str, String>::from_iter(fields(shape.layout))),
    );
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in one
        .shapes
        .iter()
        .rev()
        .flat_map(|shape| fields(shape.layout))
    {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let spelled = |name: &str| {
        one.shapes
            .iter()
            .rev()
            .find_map(|shape| spelled(shape.layout, name))
    };
    html! {
        table .facts {
            caption { "Fields of " code { (one.name) } ": offset, and size" }
            thead { tr {
                th scope="col" { "Field" } th scope="col" { "Type" }
                @for shape in &one.shapes { th scope="col" { (shape.label) } }
            } }
            tbody {
                @for name in names {
                    tr {
                        th scope="row" { code { (name) } }
                        td { @if let Some(spelled) = spelled(name) { code { (spelled) } } }
                        @for places in &places {
                            @match places.get(name) {
                                Some(place) => td { (place) },
                                None => td .absent { "–" },
                            }
                        }
                    }
                }
                tr {
                    th scope="row" { "in all" } td {}
                    @for shape in &one.shapes {
                        td { (in_bytes(shape.layout.size)) ", aligned to " (shape.layout.align) }
                    }
                }
            }
        }
    }
}

/// A field's type, as source has it where that is known.
fn spelled(layout: &Layout, name: &str) -> Option<String> {
    let mut fields = layout.fields.iter();
    let field = fields.find(|field| field.in_source() == Some(name))?;
    let ty = || field.ty.as_ref().map(ToString::to_string);
    field.spelled.clone().or_else(ty)
}
