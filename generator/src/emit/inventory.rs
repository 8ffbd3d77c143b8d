//! `inventory.json`: every entry, version and layout, for build systems and other tools.

use serde_json::{Map, Value, json};

use super::FileSet;
use super::c::{condition, guards};
use crate::model::layout::{DATA_MODELS, DataModel, LaidOut};
use crate::model::{Entry, Kind, Model, Note, Provides, Upstream, lock};

/// The version of the inventory's own shape.
const FORMAT: u32 = 1;

/// Writes `include/<prefix>/inventory.json`.
pub fn emit(model: &Model, files: &mut FileSet) {
    let families: Vec<Value> = model
        .families
        .iter()
        .map(|family| {
            let entries: Vec<Value> = family
                .entries
                .iter()
                .map(|entry| describe(model, entry))
                .collect();
            json!({ "id": family.id, "doc": family.doc, "entries": entries })
        })
        .collect();
    let pythons: Vec<Value> = model
        .pythons
        .list
        .iter()
        .map(|python| {
            let builds: Vec<&str> = python
                .builds
                .iter()
                .map(|build| crate::model::when::Word::word(*build))
                .collect();
            json!({ "version": python.version.to_string(), "builds": builds })
        })
        .collect();
    let guards: Vec<Value> = guards::all(model)
        .into_iter()
        .map(|guard| json!({ "id": guard.id, "condition": guard.condition, "message": guard.message }))
        .collect();
    let inventory = json!({
        "format": FORMAT,
        "prefix": model.prefix,
        "pythons": pythons,
        "table": { "hash": format!("{:08x}", lock::hash(model)), "length": model.table().len() },
        "guards": guards,
        "families": families,
    });
    let text = serde_json::to_string_pretty(&inventory).unwrap_or_default();
    files.add(
        format!("include/{}/inventory.json", model.prefix),
        text + "\n",
    );
}

fn describe(model: &Model, entry: &Entry) -> Value {
    let mut object = Map::new();
    object.insert("name".into(), json!(entry.name));
    object.insert("doc".into(), json!(entry.doc));
    if let Some(source) = &entry.source {
        object.insert("source".into(), json!(source));
    }
    if let Some(life) = &entry.life {
        object.insert("added".into(), json!(life.added.to_string()));
        if let Some((since, replacement)) = &life.deprecated {
            object.insert(
                "deprecated".into(),
                json!({ "since": since.to_string(), "replacement": replacement }),
            );
        }
        if let Some(removed) = &life.removed {
            object.insert("removed".into(), json!(removed.to_string()));
        }
    }
    let (kind, mut rest) = details(model, &entry.kind);
    object.insert("kind".into(), json!(kind));
    if let Some(rest) = rest.as_object_mut() {
        object.append(rest);
    }
    Value::Object(object)
}

fn details(model: &Model, kind: &Kind) -> (&'static str, Value) {
    match kind {
        Kind::Struct(body) => {
            let layouts: Map<String, Value> = DATA_MODELS
                .iter()
                .filter_map(|data_model| {
                    let laid = model.lay_out(body, *data_model)?;
                    Some((data_model.name().to_owned(), layout(&laid)))
                })
                .collect();
            let allocated_by = if body.by_caller { "caller" } else { "library" };
            let value = json!({
                "allocated_by": allocated_by,
                "mirrors": body.mirrors.as_ref().map(|name| &name.value),
                "reserved_pointers": body.reserved,
                "reserved_not_needed": body.reserved_not_needed,
                "layouts": layouts,
            });
            ("struct", value)
        }
        Kind::Upstream(body) => (
            "upstream",
            json!({
                "declared": condition::print(&body.declared),
                "complete": condition::print(&body.complete),
                "layouts": upstream_layouts(model, body),
                "semantics": body.semantics.iter().map(note).collect::<Vec<_>>(),
            }),
        ),
        Kind::Symbol(body) => (
            "symbol",
            json!({
                "signature": body.signature.lock_text(),
                "declared": condition::print(&body.declared),
                "exported": condition::print(&body.exported),
                "stable": body.stable.map(|version| version.to_string()),
            }),
        ),
        Kind::Slot(body) => {
            let ids: Vec<Value> = body
                .ids
                .iter()
                .map(|(when, id)| json!({ "id": id, "when": condition::print(when) }))
                .collect();
            (
                "slot",
                json!({ "ids": ids, "declared": condition::print(&body.declared) }),
            )
        }
        Kind::Constant(value) => ("constant", json!({ "value": value })),
        Kind::Bitfield(body) => {
            let bits: Vec<Value> = body
                .bits
                .iter()
                .map(|bit| json!({ "name": bit.name, "shift": bit.shift, "width": bit.width, "doc": bit.doc }))
                .collect();
            ("bitfield", json!({ "unit": body.unit.c(), "bits": bits }))
        }
        Kind::Function(body) => {
            let providers: Vec<Value> = body
                .providers
                .iter()
                .map(|provider| {
                    let what = match &provider.what {
                        Provides::Symbol(name) | Provides::Core(name) => &name.value,
                    };
                    json!({ "when": condition::print(&provider.when), "what": what })
                })
                .collect();
            let value = json!({
                "slot": body.slot.map(|slot| slot.value),
                "signature": body.signature.lock_text(),
                "raises": body.raises,
                "available": condition::print(&body.when),
                "providers": providers,
            });
            ("function", value)
        }
        Kind::Macro => ("macro", json!({})),
    }
}

/// Each layout at the first way to compile that has it.
fn upstream_layouts(model: &Model, body: &Upstream) -> Vec<Value> {
    let cells = model.pythons.compile_cells();
    let mut layouts = Vec::new();
    for (when, fields) in &body.layouts {
        let at = cells
            .iter()
            .find(|cell| when.holds(cell) && body.complete.holds(cell));
        let laid = |data_model: &DataModel| {
            let laid = model.lay_out_upstream(fields, at?, *data_model)?;
            Some((data_model.name().to_owned(), layout(&laid)))
        };
        let by_model: Map<String, Value> = DATA_MODELS.iter().filter_map(laid).collect();
        layouts.push(json!({ "when": condition::print(when), "layouts": by_model }));
    }
    layouts
}

fn note(note: &Note) -> Value {
    json!({ "when": condition::print(&note.when), "note": note.note, "source": note.source })
}

fn layout(laid: &LaidOut) -> Value {
    let fields: Vec<Value> = laid
        .fields
        .iter()
        .map(|field| json!({ "name": field.name, "offset": field.offset, "size": field.size }))
        .collect();
    json!({ "size": laid.extent.size, "align": laid.extent.align, "fields": fields })
}
