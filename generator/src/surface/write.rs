//! A surface as text, for people and for version control: sorted, one fact a line.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::label::Labels;
use super::{Allocator, Field, Form, Item, Kind, Record, Surface, Value};

/// The first line of every snapshot.
pub const HEAD: &str = "pyshim snapshot 1";

/// Writes a snapshot. [`super::read::read`] gives the same surface back, but for places.
#[must_use]
pub fn write(surface: &Surface) -> String {
    let labels = Labels::new(&surface.about.wheres);
    let mut text = format!("{HEAD}\n");
    if !surface.about.subject.is_empty() {
        line(&mut text, &["about subject", &surface.about.subject]);
    }
    for (key, value) in &surface.about.facts {
        line(&mut text, &["about", key, value]);
    }
    for evidence in &surface.about.evidence {
        line(&mut text, &["about evidence", evidence.word()]);
    }
    let mut wheres: Vec<&String> = surface.about.wheres.iter().collect();
    wheres.sort_by(|a, b| super::label::compare(a, b));
    for label in wheres {
        line(&mut text, &["about where", label]);
    }
    for (name, item) in &surface.items {
        item_lines(&mut text, name, item, &labels);
    }
    text
}

fn line(text: &mut String, words: &[&str]) {
    text.push_str(&words.join(" "));
    text.push('\n');
}

fn item_lines(text: &mut String, name: &str, item: &Item, labels: &Labels) {
    line(text, &[name, item.kind.word()]);
    for (key, value) in [
        ("added", &item.life.added),
        ("deprecated", &item.life.deprecated),
        ("replacement", &item.life.replacement),
        ("removed", &item.life.removed),
    ] {
        if let Some(value) = value {
            line(text, &[name, key, value]);
        }
    }
    for form in Form::ALL {
        let wheres: Vec<_> = item
            .declared
            .iter()
            .filter(|(_, found)| **found == form)
            .map(|(label, _)| label)
            .collect();
        if !wheres.is_empty() {
            line(
                text,
                &[name, "declared", form.word(), &labels.shorten(wheres)],
            );
        }
    }
    if let Some(exported) = &item.exported {
        line(text, &[name, "exported", &labels.shorten(exported.iter())]);
    }
    if item.symbol.thread_local {
        line(text, &[name, "thread-local"]);
    }
    if let Some(size) = item.symbol.size {
        line(text, &[name, "size", &size.to_string()]);
    }
    for (version, bound) in &item.symbol.versions {
        line(text, &[name, "version", version, bound.word()]);
    }
    kind_lines(text, name, &item.kind, labels);
}

fn kind_lines(text: &mut String, name: &str, kind: &Kind, labels: &Labels) {
    match kind {
        Kind::Record(record) => record_lines(text, name, record),
        Kind::Enum(body) => {
            for (variant, unit) in &body.unit {
                line(text, &[name, "unit", variant, &unit.to_string()]);
            }
            for (member, value) in &body.members {
                line(text, &[name, "member", member, &value.to_string()]);
            }
        }
        Kind::Alias(variants) => {
            for (variant, ty) in variants {
                line(text, &[name, "is", variant, &ty.to_string()]);
            }
        }
        Kind::Function(variants) => {
            for (variant, function) in variants.iter() {
                line(text, &[name, "type", variant, &function.to_string()]);
            }
        }
        Kind::Variable(variants) => {
            for (variant, ty) in variants {
                line(text, &[name, "type", variant, &ty.to_string()]);
            }
        }
        Kind::Macro => {}
        Kind::Constant(values) => {
            let mut by_value: BTreeMap<&Value, Vec<&String>> = BTreeMap::new();
            for (label, value) in values.iter() {
                by_value.entry(value).or_default().push(label);
            }
            for (value, wheres) in by_value {
                let value = match value {
                    Value::Number(number) => number.to_string(),
                    Value::Text(text) => serde_json::Value::from(text.as_str()).to_string(),
                };
                line(text, &[name, "value", &labels.shorten(wheres), "=", &value]);
            }
        }
        Kind::Bits(body) => {
            line(text, &[name, "unit", &body.unit.to_string()]);
            for (bit, range) in &body.bits {
                let _ = writeln!(text, "{name} bit {bit} {}+{}", range.shift, range.width);
            }
        }
        Kind::Slots(slots) => {
            for (slot, number) in slots {
                let _ = writeln!(text, "{name} slot {slot} {number}");
            }
        }
    }
}

fn record_lines(text: &mut String, name: &str, record: &Record) {
    match record.usage.allocated_by {
        Some(Allocator::Caller) => line(text, &[name, "allocated-by caller"]),
        Some(Allocator::Library) => line(text, &[name, "allocated-by library"]),
        None => {}
    }
    for (holds, word) in [
        (record.usage.by_value, "by-value"),
        (record.usage.in_arrays, "in-arrays"),
    ] {
        if holds {
            line(text, &[name, word]);
        }
    }
    if let Some(field) = &record.size_field {
        line(text, &[name, "size-field", field]);
    }
    for field in &record.reserve {
        line(text, &[name, "reserve", field]);
    }
    for (variant, layout) in &record.layouts {
        let _ = writeln!(
            text,
            "{name} layout {variant} size {} align {}",
            layout.size, layout.align
        );
        for field in &layout.fields {
            let _ = writeln!(text, "{name} field {variant} {}", field_words(field));
        }
    }
}

/// `ob_refcnt at 0 size 8 i64 as Py_ssize_t`; a bit-field's place is in bits, `bits 64+3`.
fn field_words(field: &Field) -> String {
    let ty = field
        .ty
        .as_ref()
        .map_or("?".to_owned(), |ty| ty.to_string());
    let place = if field.is_bit_field {
        format!("bits {}+{}", field.bit_offset, field.bits)
    } else {
        format!("at {} size {}", field.bit_offset / 8, field.bits / 8)
    };
    let spelled = field
        .spelled
        .as_ref()
        .map_or(String::new(), |spelled| format!(" as {spelled}"));
    format!("{} {place} {ty}{spelled}", field.name)
}
