//! A struct's bytes before and after, drawn: a line for each word, the old side to the left.

use std::collections::BTreeSet;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Bytes, Picture, Span, SpanKind, clean};

/// Bytes a line.
pub(crate) const WORD: u64 = 8;
/// Columns of the offset, with the blank after it.
const OFFSET: usize = 7;
/// Columns between the sides.
const BETWEEN: usize = 3;
/// Columns that a byte may take, with its border.
const CELL: std::ops::RangeInclusive<usize> = 2..=5;
/// The most lines.
const MOST: usize = 40;

/// Draws a picture that is no wider than `width`, down to 44 columns.
pub(super) fn draw(picture: &Picture, width: usize) -> Vec<String> {
    let cell = width.saturating_sub(OFFSET + BETWEEN + 2) / (2 * WORD as usize);
    let cell = cell.clamp(*CELL.start(), *CELL.end());
    let side = cell * WORD as usize + 1;
    let title = |word: &str, bytes: &Bytes| format!("{word}, {}", in_words(bytes.size));
    let mut lines = vec![
        format!(
            "{:<OFFSET$}{:<side$}   {}",
            "",
            title("old", &picture.old),
            title("new", &picture.new),
        )
        .trim_end()
        .to_owned(),
    ];
    if !picture.variant.is_empty() {
        lines.insert(0, format!("bytes on {}", clean::line(&picture.variant)));
    }
    lines.extend(drawn(picture, cell));
    lines.extend(legend(picture));
    lines
}

/// `1 byte`, `2 bytes`.
pub(crate) fn in_words(bytes: u64) -> String {
    match bytes {
        1 => "1 byte".to_owned(),
        bytes => format!("{bytes} bytes"),
    }
}

/// What a line shows.
pub(crate) enum Row {
    /// The word at this offset.
    Word(u64),
    /// So many bytes from this offset, within the same fields as the line before.
    Same(u64, u64),
}

fn drawn(picture: &Picture, cell: usize) -> Vec<String> {
    let rows = rows(&[&picture.old, &picture.new]);
    let pairs: Vec<(String, String, String)> = rows
        .iter()
        .map(|row| match row {
            Row::Word(at) => (
                at.to_string(),
                cells(&picture.old, *at, cell),
                cells(&picture.new, *at, cell),
            ),
            Row::Same(at, count) => (
                "...".to_owned(),
                same(&picture.old, *at, *count, cell),
                same(&picture.new, *at, *count, cell),
            ),
        })
        .collect();
    let first = match pairs.len() > MOST {
        true => pairs.iter().position(|(_, old, new)| old != new),
        false => None,
    };
    // A line before the first change, to see where one is.
    let first = first.unwrap_or(0).saturating_sub(1);
    let shown = pairs[first..].iter().take(MOST);
    let lines = shown.map(|(offset, old, new)| {
        let mark = if old == new { ' ' } else { '*' };
        format!("{offset:>5}  {old} {mark} {new}")
            .trim_end()
            .to_owned()
    });
    let left_out = |count: usize| (count > 0).then(|| format!("  ...  {count} lines like these"));
    let after = pairs.len().saturating_sub(first + MOST);
    left_out(first)
        .into_iter()
        .chain(lines)
        .chain(left_out(after))
        .collect()
}

/// The words in which something begins or ends on any side, and what lies between them.
pub(crate) fn rows(sides: &[&Bytes]) -> Vec<Row> {
    let mut words = BTreeSet::new();
    for side in sides {
        for span in side.spans.iter().filter(|span| span.size > 0) {
            words.insert(span.offset / WORD);
            words.insert((end(span) - 1) / WORD);
        }
        words.extend(side.size.checked_sub(1).map(|last| last / WORD));
    }
    let mut rows = Vec::new();
    let mut next = 0;
    for word in words {
        match word - next {
            0 => {}
            1 => rows.push(Row::Word(next * WORD)),
            between => rows.push(Row::Same(next * WORD, between * WORD)),
        }
        rows.push(Row::Word(word * WORD));
        next = word + 1;
    }
    rows
}

fn end(span: &Span) -> u64 {
    span.offset.saturating_add(span.size)
}

/// What lies in one word.
pub(crate) struct Part<'a> {
    /// The span that it is of.
    pub(crate) span: &'a Span,
    /// The first byte.
    pub(crate) from: u64,
    /// The byte after the last.
    pub(crate) until: u64,
}

impl Part<'_> {
    /// Whether the span begins here, so that this is the place for its name.
    pub(crate) fn is_first(&self) -> bool {
        self.from == self.span.offset
    }
}

/// The parts of the spans of a side that lie in one word.
pub(crate) fn parts(bytes: &Bytes, word: u64) -> impl Iterator<Item = Part<'_>> {
    let stop = word.saturating_add(WORD).min(bytes.size);
    let first = bytes.spans.partition_point(|span| end(span) <= word);
    let parts = bytes.spans[first..].iter().map(move |span| Part {
        span,
        from: span.offset.max(word),
        until: end(span).min(stop),
    });
    parts.take_while(|part| part.from < part.until)
}

/// The bytes of one word of one side.
fn cells(bytes: &Bytes, word: u64, cell: usize) -> String {
    let full = cell * WORD as usize + 1;
    if bytes.size <= word {
        return " ".repeat(full);
    }
    let mut line = "|".to_owned();
    for part in parts(bytes, word) {
        let width = (part.until - part.from) as usize * cell - 1;
        let name = match part.is_first() {
            true => part.span.name.as_str(),
            false => "",
        };
        line.push_str(&fill(name, part.span.kind, width));
        line.push('|');
    }
    let missing = full.saturating_sub(line.width());
    line + &" ".repeat(missing)
}

/// A name in so many columns, and behind it what tells a field from what is none.
fn fill(name: &str, kind: SpanKind, width: usize) -> String {
    let name = cut(&clean::line(name), width);
    let blank = match kind {
        SpanKind::Field => " ",
        SpanKind::Reserve => "=",
        SpanKind::Padding => ".",
    };
    let rest = width.saturating_sub(name.width());
    name + &blank.repeat(rest)
}

fn cut(name: &str, width: usize) -> String {
    if name.width() <= width {
        return name.to_owned();
    }
    let mut kept = String::new();
    for c in name.chars() {
        if kept.width() + c.width().unwrap_or(0) + 1 > width {
            break;
        }
        kept.push(c);
    }
    kept + "~"
}

/// How many of so many bytes from an offset a side has.
pub(crate) fn inside(bytes: &Bytes, at: u64, count: u64) -> u64 {
    bytes.size.saturating_sub(at).min(count)
}

/// Words that lie within what the line before shows.
fn same(bytes: &Bytes, at: u64, count: u64, cell: usize) -> String {
    let width = cell * WORD as usize - 1;
    match inside(bytes, at, count) {
        0 => " ".repeat(width + 2),
        inside => format!(
            "|{:<width$}|",
            cut(&format!("{} more", in_words(inside)), width)
        ),
    }
}

fn legend(picture: &Picture) -> Option<String> {
    let has = |kind| {
        let mut spans = picture.old.spans.iter().chain(&picture.new.spans);
        spans.any(|span| span.kind == kind)
    };
    let mut words = Vec::new();
    if has(SpanKind::Reserve) {
        words.push("`=` is kept in reserve");
    }
    if has(SpanKind::Padding) {
        words.push("`.` is padding");
    }
    (!words.is_empty()).then(|| format!("{:OFFSET$}{}", "", words.join(", ")))
}
