//! What a name is in one CPython, in a few words.

use std::collections::BTreeMap;

use crate::surface::label::compare;
use crate::surface::{Form, Item, Kind, Surface, Value};

/// Nothing.
const ABSENT: &str = "–";

/// What the headers make of a name in the full API, then where limited APIs differ from that.
pub(super) fn of(name: &str, surface: &Surface) -> String {
    let Some(item) = surface.items.get(name) else {
        return ABSENT.to_owned();
    };
    let words = words(item);
    let full = words.get("full");
    let mut parts = vec![match (full, is_exported(item)) {
        (Some(word), _) => word.clone(),
        (None, true) => "exported only".to_owned(),
        (None, false) => ABSENT.to_owned(),
    }];
    let limited = modes(surface, "limited-");
    parts.extend(runs(&limited, &words, full));
    let newest = match limited.last() {
        Some((label, _)) => words.get(*label),
        None => None,
    };
    for (label, _) in modes(surface, "abi3t-") {
        match words.get(label) {
            same if same == newest && !limited.is_empty() => {}
            None if limited.is_empty() => {}
            None => parts.push("not abi3t".to_owned()),
            same if same == full => parts.push("abi3t".to_owned()),
            Some(word) => parts.push(format!("abi3t: {word}")),
        }
    }
    parts.join("; ")
}

fn is_exported(item: &Item) -> bool {
    item.exported
        .as_ref()
        .is_some_and(|wheres| !wheres.is_empty())
}

/// Labels of modes of one kind with their versions, from the oldest.
fn modes<'a>(surface: &'a Surface, prefix: &str) -> Vec<(&'a str, &'a str)> {
    let mut modes: Vec<(&str, &str)> = (surface.about.wheres.iter())
        .filter_map(|label| Some((label.as_str(), label.strip_prefix(prefix)?)))
        .collect();
    modes.sort_by(|a, b| compare(a.0, b.0));
    modes
}

/// Runs of limited APIs that say the same: `L`, `L3.10+`, `L3.8–3.14: macro`.
fn runs(
    limited: &[(&str, &str)],
    words: &BTreeMap<&str, String>,
    full: Option<&String>,
) -> Vec<String> {
    let same = |a: &(&str, &str), b: &(&str, &str)| words.get(a.0) == words.get(b.0);
    let mut parts = Vec::new();
    for run in limited.chunk_by(same) {
        let ([(label, first), ..], [.., (_, last)]) = (run, run) else {
            continue;
        };
        let Some(word) = words.get(label) else {
            continue;
        };
        let is_newest = limited.last().is_some_and(|(_, newest)| newest == last);
        let versions = match () {
            () if run.len() == limited.len() => "L".to_owned(),
            () if is_newest => format!("L{first}+"),
            () if first == last => format!("L{first}"),
            () => format!("L{first}–{last}"),
        };
        parts.push(match full {
            Some(full) if full == word => versions,
            _ => format!("{versions}: {word}"),
        });
    }
    parts
}

/// What a name is in each mode that declares it.
fn words(item: &Item) -> BTreeMap<&str, String> {
    let words = item.declared.iter();
    words
        .map(|(mode, form)| (mode.as_str(), word(item, mode, *form)))
        .collect()
}

fn word(item: &Item, mode: &str, form: Form) -> String {
    match (&item.kind, form) {
        (Kind::Constant(values), _) => match values.get(mode) {
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::Text(text)) => format!("`{text}`"),
            None => form.word().to_owned(),
        },
        (Kind::Record(record), Form::Type) => {
            let of_mode = (record.layouts.iter()).find(|(label, _)| label.ends_with(mode));
            let layout = of_mode.or_else(|| record.layouts.iter().next());
            layout.map_or("type".to_owned(), |(_, layout)| bytes(layout.size))
        }
        (_, Form::Function | Form::Variable) if item.exported.is_some() && !is_exported(item) => {
            format!("{}, not exported", form.word())
        }
        (_, Form::Inline | Form::Macro) if is_exported(item) => {
            format!("{}, exported", form.word())
        }
        _ => form.word().to_owned(),
    }
}

/// `1 byte`, `2 bytes`.
pub(super) fn bytes(count: u64) -> String {
    format!("{count} {}", if count == 1 { "byte" } else { "bytes" })
}
