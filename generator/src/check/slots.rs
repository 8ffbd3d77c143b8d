//! Table slots: dense from 0, and never reused, moved or changed once locked.

use std::collections::BTreeMap;

use super::codes::Code;
use crate::diag::Sink;
use crate::model::lock::{self, LockedSlot};
use crate::model::{Entry, Kind, Model};
use crate::source::{FileId, Sources, Span};

pub(super) fn check(model: &Model, lock: Option<FileId>, sources: &Sources, sink: &mut Sink) {
    dense(model, sink);
    if let Some(file) = lock {
        locked(model, file, sources, sink);
    }
}

fn dense(model: &Model, sink: &mut Sink) {
    for (expected, (entry, body)) in model.table().into_iter().enumerate() {
        let Some(slot) = body.slot else { continue };
        if slot.value as usize != expected {
            let message = format!(
                "`{}` has slot {slot}, and {expected} is the next free one",
                entry.name
            );
            sink.push(Code::SlotHole, slot.span, message);
            return;
        }
    }
}

/// Where a function's slot is written.
fn slot_span(entry: &Entry) -> Span {
    match &entry.kind {
        Kind::Function(body) => body.slot.map_or(entry.span, |slot| slot.span),
        _ => entry.span,
    }
}

fn locked(model: &Model, file: FileId, sources: &Sources, sink: &mut Sink) {
    let wanted: BTreeMap<u32, LockedSlot> = lock::lines(model)
        .into_iter()
        .map(|line| (line.slot, line))
        .collect();
    let text = &sources.file(file).text;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let span = Span {
            file,
            start,
            end: start + line.trim_end().len(),
        };
        start += line.len();
        if line.starts_with('#') || line.trim().is_empty() {
            continue;
        }
        let Some(locked) = LockedSlot::parse(line.trim_end()) else {
            let message = "this line is not `slot name signature`";
            sink.push(Code::Shape, span, message);
            continue;
        };
        match wanted.get(&locked.slot) {
            Some(now) if *now == locked => {}
            Some(now) => {
                let place = model.entry(&now.name).map_or(span, slot_span);
                let message = format!(
                    "slot {} was `{} {}` and is now `{} {}`",
                    locked.slot, locked.name, locked.signature, now.name, now.signature
                );
                let mut help = "give the new function the next free slot".to_owned();
                if now.name == locked.name {
                    help = "a function's signature is fixed; add another function".to_owned();
                }
                sink.push(Code::SlotMoved, place, message).help(help);
            }
            None => {
                let message = format!("slot {} was `{}` and is gone", locked.slot, locked.name);
                sink.push(Code::SlotMoved, span, message)
                    .help("keep the function; `deprecated` and `removed` say what became of it");
            }
        }
    }
}
