//! A struct's bytes as a table with a row for each word: of one layout, or of two beside each other.

use maud::{Markup, html};

use super::tools::wide;
use crate::report::picture::{Part, Row, WORD, in_words, inside, parts, rows};
use crate::report::{Bytes, Span, SpanKind};

/// One layout.
#[derive(Clone, Copy)]
pub(super) struct Side<'a> {
    pub(super) label: &'a str,
    pub(super) bytes: &'a Bytes,
}

/// What the marks in a map mean.
pub(super) fn legend() -> Markup {
    html! {
        ul .legend aria-label="Legend" {
            li { span .key .field { "field" } " a field" }
            li { span .key .reserve { "reserve" } " kept for later" }
            li { span .key .padding { "padding" } " padding" }
            li { span .key .field .changed { "field " span .note { "from 8" } } " moved, resized, new or gone" }
        }
    }
}

/// One side, or two of which the second came later.
pub(super) fn map(name: &str, sides: &[Side<'_>]) -> Markup {
    let all = Vec::from_iter(sides.iter().map(|side| side.bytes));
    let labels = Vec::from_iter(sides.iter().map(|side| side.label));
    let title = format!("Bytes of {name}, {}", labels.join(" and "));
    let table = html! {
        table .bytes .two[sides.len() > 1] {
            caption { "Bytes of " code { (name) } ", " (labels.join(" → ")) }
            colgroup span="1" {}
            @for index in 0..sides.len() {
                @if index > 0 { colgroup span="1" {} }
                colgroup span=(WORD) {}
            }
            thead { tr {
                th scope="col" { "Offset" }
                @for (index, side) in sides.iter().enumerate() {
                    @if index > 0 { td .mark {} }
                    th scope="colgroup" colspan=(WORD) {
                        (side.label) span .muted { ", " (in_words(side.bytes.size)) }
                    }
                }
            } }
            tbody {
                @for row in rows(&all) {
                    tr {
                        th scope="row" { @match row { Row::Word(at) => (at), Row::Same(..) => "⋮" } }
                        @for (index, side) in sides.iter().enumerate() {
                            @if index > 0 { (mark(&row, sides)) }
                            // Of two, the other one; of one, none.
                            @let other = sides.get(1).and(sides.get(1 - index.min(1)));
                            @match row {
                                Row::Word(at) => (word(side.bytes, at, index, other.map(|side| side.bytes))),
                                Row::Same(at, count) => (same(inside(side.bytes, at, count))),
                            }
                        }
                    }
                }
            }
        }
    };
    wide(&title, &table)
}

/// What stands between two sides: a sign where they differ.
fn mark(row: &Row, sides: &[Side<'_>]) -> Markup {
    let cells = |bytes: &Bytes| match *row {
        Row::Same(at, count) => vec![(inside(bytes, at, count), 0, String::new())],
        Row::Word(at) => {
            let parts = parts(bytes, at);
            let cells = parts.map(|part| (part.from, part.until, tip(part.span)));
            cells.collect()
        }
    };
    let is_same = sides
        .windows(2)
        .all(|pair| cells(pair[0].bytes) == cells(pair[1].bytes));
    html! {
        td .mark {
            @if !is_same { span aria-hidden="true" { "≠" } span .unseen { "differs" } }
        }
    }
}

/// The cells of a word of one side.
fn word(bytes: &Bytes, at: u64, index: usize, other: Option<&Bytes>) -> Markup {
    let missing = at.saturating_add(WORD).saturating_sub(bytes.size.max(at));
    html! {
        @for part in parts(bytes, at) {
            @let change = other.and_then(|other| change(part.span, other, Direction::of(index)));
            td .(class(part.span.kind)) .changed[change.is_some()] .on[!part.is_first()]
                colspan=(part.until - part.from) title=(tip(part.span)) { (text(&part, change)) }
        }
        @if missing > 0 { td .void colspan=(missing.min(WORD)) {} }
    }
}

fn text(part: &Part<'_>, change: Option<String>) -> Markup {
    let name = match part.span.kind {
        SpanKind::Padding => "padding",
        _ => part.span.name.as_str(),
    };
    html! {
        @if part.is_first() {
            (name)
            @if let Some(change) = change { " " span .note { (change) } }
        } @else {
            span aria-hidden="true" { "⋯" }
            span .unseen { "more of " (name) }
        }
    }
}

/// Words within what the row before shows.
fn same(bytes: u64) -> Markup {
    match bytes {
        0 => html! { td .void colspan=(WORD) {} },
        bytes => html! { td .field .on colspan=(WORD) { (in_words(bytes)) " more" } },
    }
}

fn class(kind: SpanKind) -> &'static str {
    match kind {
        SpanKind::Field => "field",
        SpanKind::Reserve => "reserve",
        SpanKind::Padding => "padding",
    }
}

fn tip(span: &Span) -> String {
    let name = match span.kind {
        SpanKind::Padding => "padding",
        SpanKind::Field | SpanKind::Reserve => &span.name,
    };
    format!("{name}: at {}, {}", span.offset, in_words(span.size))
}

/// Whether the other side is what follows or what was before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Forward,
    Back,
}

impl Direction {
    fn of(index: usize) -> Self {
        match index {
            0 => Direction::Forward,
            _ => Direction::Back,
        }
    }
}

/// What is otherwise on the other side, in a word or two. Padding has no name to be known by.
fn change(span: &Span, other: &Bytes, direction: Direction) -> Option<String> {
    if span.kind == SpanKind::Padding {
        return None;
    }
    let forward = direction == Direction::Forward;
    let known = other.spans.iter().find(|one| one.name == span.name);
    let Some(known) = known else {
        return Some(if forward { "gone" } else { "new" }.to_owned());
    };
    if known.offset != span.offset {
        let word = if forward { "to" } else { "from" };
        return Some(format!("{word} {}", known.offset));
    }
    let word = if forward { "now" } else { "was" };
    (known.size != span.size).then(|| format!("{word} {}", in_words(known.size)))
}
