//! A struct's bytes, in order and without gaps or overlaps.

use super::view::View;
use crate::report::{Bytes, Picture, Span, SpanKind};
use crate::surface::{Layout, Record};

/// Both sides of one variant.
pub(super) fn picture(variant: &str, old: &View<'_>, new: &View<'_>) -> Picture {
    Picture {
        variant: variant.to_owned(),
        old: side(old),
        new: side(new),
    }
}

/// What the bytes of a struct are in one layout.
#[must_use]
pub fn bytes(record: &Record, layout: &Layout) -> Bytes {
    side(&View::new(record, layout))
}

/// How many fields that share bytes are named.
const NAMED: usize = 3;

fn side(view: &View<'_>) -> Bytes {
    let size = view.layout.size;
    let mut leaves: Vec<_> = view.leaves.iter().filter(|l| l.start < l.end).collect();
    leaves.sort_by_key(|leaf| (leaf.start, leaf.end));
    let mut spans: Vec<Span> = Vec::new();
    let mut at = 0;
    let mut rest = leaves.as_slice();
    while let Some((first, others)) = rest.split_first() {
        let start = (first.start / 8).max(at);
        let mut end = first.end.div_ceil(8);
        let shared = others
            .iter()
            .take_while(|leaf| {
                let within = leaf.start / 8 < end;
                if within {
                    end = end.max(leaf.end.div_ceil(8));
                }
                within
            })
            .count();
        let (together, after) = rest.split_at(shared + 1);
        rest = after;
        let end = end.min(size);
        if start >= end {
            continue;
        }
        padding(&mut spans, at, start);
        let mut names: Vec<&str> = together.iter().map(|leaf| leaf.name).take(NAMED).collect();
        if together.len() > NAMED {
            names.push("…");
        }
        let kept = together.iter().all(|leaf| leaf.is_reserve);
        spans.push(Span {
            offset: start,
            size: end - start,
            name: names.join(" | "),
            kind: if kept {
                SpanKind::Reserve
            } else {
                SpanKind::Field
            },
        });
        at = end;
    }
    padding(&mut spans, at, size);
    Bytes { size, spans }
}

fn padding(spans: &mut Vec<Span>, start: u64, end: u64) {
    if start < end {
        spans.push(Span {
            offset: start,
            size: end - start,
            name: String::new(),
            kind: SpanKind::Padding,
        });
    }
}
