//! `inventory.json`: every entry, version and layout, for build systems and other tools.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::FileSet;
use super::c::{condition, guards};
use crate::model::layout::{DATA_MODELS, DataModel, LaidOut};
use crate::model::python::Python;
use crate::model::when::Word;
use crate::model::{Definition, Entry, Family, Kind, Model, Note, Provides, Upstream, lock};

/// The version of the inventory's own shape.
const FORMAT: u32 = 1;

/// Writes `include/<prefix>/inventory.json`.
pub fn emit(model: &Model, files: &mut FileSet) {
    let text = serde_json::to_string_pretty(&Inventory(model)).unwrap_or_default();
    files.add(
        format!("include/{}/inventory.json", model.prefix),
        text + "\n",
    );
}

/// Everything; what is said of an entry is made when it is written, for as values a large manifest
/// takes ten times the room of the text. Keys are in the order of the alphabet, as in values.
struct Inventory<'a>(&'a Model);

impl Serialize for Inventory<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(model) = self;
        let families: Vec<_> = model
            .families
            .iter()
            .map(|family| Entries { model, family })
            .collect();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("families", &families)?;
        map.serialize_entry("format", &FORMAT)?;
        map.serialize_entry("guards", &all_guards(model))?;
        map.serialize_entry("prefix", &model.prefix)?;
        map.serialize_entry("pythons", &pythons(model))?;
        let hash = format!("{:08x}", lock::hash(model));
        let table = json!({ "hash": hash, "length": model.table().len() });
        map.serialize_entry("table", &table)?;
        map.end()
    }
}

struct Entries<'a> {
    model: &'a Model,
    family: &'a Family,
}

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("doc", &self.family.doc)?;
        map.serialize_entry("entries", &Each(self))?;
        map.serialize_entry("id", &self.family.id)?;
        map.end()
    }
}

struct Each<'a>(&'a Entries<'a>);

impl Serialize for Each<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Entries { model, family } = self.0;
        serializer.collect_seq(family.entries.iter().map(|entry| describe(model, entry)))
    }
}

fn pythons(model: &Model) -> Vec<Value> {
    let describe = |python: &Python| {
        let builds: Vec<&str> = python.builds.iter().map(|build| build.word()).collect();
        json!({ "version": python.version.to_string(), "builds": builds })
    };
    model.pythons.list.iter().map(describe).collect()
}

fn all_guards(model: &Model) -> Vec<Value> {
    guards::all(model)
        .into_iter()
        .map(|guard| json!({ "id": guard.id, "condition": guard.condition, "message": guard.message }))
        .collect()
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
            let definition = match &body.definition {
                Definition::Core => None,
                Definition::CoreWith(name) => Some(format!("core with {name}")),
                Definition::Header => Some("header".to_owned()),
            };
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
            let mut value = json!({
                "slot": body.slot.map(|slot| slot.value),
                "signature": body.signature.lock_text(),
                "raises": body.raises,
                "available": condition::print(&body.when),
                "providers": providers,
            });
            if let Some(definition) = definition {
                value["definition"] = definition.into();
            }
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
