//! What a manifest says, as a surface.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ctype::{self, CType};
use super::{
    ANYWHERE, About, Allocator, BitRange, Bits, Evidence, Field, Form, Item, Kind, Layout, Life,
    Place, Record, Surface, Symbol, Usage, Value, Variant, Where,
};
use crate::model::layout::{DATA_MODELS, DataModel, LaidOut};
use crate::model::ty::{Scalar, Ty};
use crate::model::when::{Api, Arch, Build, Cell, Os, When, Word};
use crate::model::{self, Entry, Model, Signature};
use crate::source::Sources;

/// What a model says. Structs and signatures of ours are laid out for every data model, those of
/// CPython's for every observed CPython besides.
#[must_use]
pub fn of_model(model: &Model, sources: &Sources) -> Surface {
    let cells = Cells::new(model);
    let mut items: BTreeMap<String, Item> = model
        .entries()
        .map(|(_, entry)| (entry.name.clone(), item(model, &cells, sources, entry)))
        .collect();
    if let Some(table) = table(model, sources) {
        items.insert(format!("{}_table", model.prefix), table);
    }
    Surface {
        about: About {
            subject: format!("the manifest of {}", model.prefix),
            facts: BTreeSet::new(),
            evidence: BTreeSet::from([Evidence::Manifest]),
            wheres: cells.labels(),
        },
        items,
    }
}

/// Every way to compile and to run, with its label.
struct Cells {
    compile: Vec<(Where, Cell)>,
    run: Vec<(Where, Cell)>,
}

impl Cells {
    fn new(model: &Model) -> Self {
        let label = |name: fn(&Cell) -> String, cells: Vec<Cell>| {
            cells.into_iter().map(|cell| (name(&cell), cell)).collect()
        };
        Cells {
            compile: label(compile_label, model.pythons.compile_cells()),
            run: label(run_label, model.pythons.runtimes()),
        }
    }

    fn labels(&self) -> BTreeSet<Where> {
        let both = self.compile.iter().chain(&self.run);
        both.map(|(label, _)| label.clone()).collect()
    }
}

/// `3.14t/full`, `3.14/limited-3.8`, `3.15/abi3t-3.15`.
fn compile_label(cell: &Cell) -> String {
    let limited = |word: &str| {
        let value = cell.limited.unwrap_or(cell.version);
        format!("{}/{word}-{value}", cell.version)
    };
    match cell.api {
        Api::Full => format!("{}/full", run_label(cell)),
        Api::Abi3 => limited("limited"),
        Api::Abi3t => limited("abi3t"),
    }
}

/// `3.14t`.
pub(crate) fn run_label(cell: &Cell) -> String {
    let suffix = if cell.build == Build::Ft { "t" } else { "" };
    format!("{}{suffix}", cell.version)
}

/// Where a condition holds: at the labels, and on which systems where it speaks of them.
fn holding(when: &When, cells: &[(Where, Cell)]) -> BTreeSet<Where> {
    if when.is_always() {
        return BTreeSet::from([ANYWHERE.to_owned()]);
    }
    let names_os = when.arms.iter().any(|arm| !arm.os.is_empty());
    let names_arch = when.arms.iter().any(|arm| !arm.arch.is_empty());
    let some = |names: bool, words: usize| if names { words } else { 1 };
    let mut labels = BTreeSet::new();
    for (label, cell) in cells {
        for (os_word, os) in &Os::WORDS[..some(names_os, Os::WORDS.len())] {
            for (arch_word, arch) in &Arch::WORDS[..some(names_arch, Arch::WORDS.len())] {
                let cell = Cell {
                    os: *os,
                    arch: *arch,
                    ..*cell
                };
                if !when.holds(&cell) {
                    continue;
                }
                labels.insert(match (names_os, names_arch) {
                    (false, false) => label.clone(),
                    (true, false) => format!("{label}@{os_word}"),
                    (false, true) => format!("{label}@{arch_word}"),
                    (true, true) => format!("{label}@{os_word}-{arch_word}"),
                });
            }
        }
    }
    labels
}

fn declared(when: &When, cells: &Cells, form: Form) -> BTreeMap<Where, Form> {
    let labels = holding(when, &cells.compile);
    labels.into_iter().map(|label| (label, form)).collect()
}

fn item(model: &Model, cells: &Cells, sources: &Sources, entry: &Entry) -> Item {
    let always = When::always();
    let (kind, declared, exported) = match &entry.kind {
        model::Kind::Struct(body) => (
            Kind::Record(own_record(model, entry, body)),
            declared(&always, cells, Form::Type),
            None,
        ),
        model::Kind::Upstream(body) => {
            let mut forms = declared(&body.declared, cells, Form::Incomplete);
            forms.extend(declared(&body.complete, cells, Form::Type));
            let record = Record {
                layouts: upstream_layouts(model, body, &cells.run),
                ..Record::default()
            };
            (Kind::Record(record), forms, None)
        }
        model::Kind::Symbol(body) => (
            Kind::Function(function(&body.signature).into()),
            declared(&body.declared, cells, Form::Function),
            Some(holding(&body.exported, &cells.run)),
        ),
        model::Kind::Slot(body) => (
            Kind::Constant(slot_values(body, cells).into()),
            declared(&body.declared, cells, Form::Macro),
            None,
        ),
        model::Kind::Constant(value) => (
            Kind::Constant(everywhere(Value::Number(i128::from(*value))).into()),
            declared(&always, cells, Form::Macro),
            None,
        ),
        model::Kind::Bitfield(body) => (
            Kind::Bits(bits(body)),
            declared(&always, cells, Form::Macro),
            None,
        ),
        model::Kind::Function(body) => (
            Kind::Function(function(&body.signature).into()),
            declared(&body.when, cells, Form::Function),
            None,
        ),
        model::Kind::Macro => (Kind::Macro, declared(&always, cells, Form::Macro), None),
    };
    let gone = entry.is_removed();
    Item {
        kind,
        declared: Arc::new(if gone { BTreeMap::new() } else { declared }),
        exported: exported.map(Arc::new),
        symbol: Symbol::default(),
        life: life(entry),
        place: Some(place(sources, entry)),
    }
}

fn everywhere<T>(value: T) -> BTreeMap<String, T> {
    BTreeMap::from([(ANYWHERE.to_owned(), value)])
}

fn place(sources: &Sources, entry: &Entry) -> Place {
    let (line, _) = sources.position(entry.span);
    Place {
        file: sources.file(entry.span.file).path.clone(),
        line: u32::try_from(line).unwrap_or(u32::MAX),
    }
}

fn life(entry: &Entry) -> Life {
    let Some(life) = &entry.life else {
        return Life::default();
    };
    let deprecated = life.deprecated.as_ref();
    Life {
        added: Some(life.added.to_string()),
        deprecated: deprecated.map(|(release, _)| release.to_string()),
        replacement: deprecated.map(|(_, replacement)| replacement.clone()),
        removed: life.removed.map(|release| release.to_string()),
    }
}

fn own_record(model: &Model, entry: &Entry, body: &model::Struct) -> Record {
    let reserve = body.fields.len().saturating_sub(body.reserved as usize);
    let mut layouts = BTreeMap::new();
    for data_model in DATA_MODELS {
        if let Some(laid) = model.lay_out(body, *data_model) {
            let layout = layout(&laid, &body.fields, *data_model);
            layouts.insert(data_model.name().to_owned(), layout);
        }
    }
    Record {
        is_union: false,
        layouts,
        usage: Usage {
            allocated_by: Some(if body.by_caller {
                Allocator::Caller
            } else {
                Allocator::Library
            }),
            by_value: is_passed(model, &entry.name),
            in_arrays: false,
        },
        reserve: body.fields[reserve..]
            .iter()
            .map(|field| field.name.clone())
            .collect(),
        size_field: None,
    }
}

/// Whether a function takes or returns a struct by value.
fn is_passed(model: &Model, name: &str) -> bool {
    let is_it = |ty: &Ty| matches!(ty, Ty::Named(named) if named == name);
    model.functions().any(|(_, function)| {
        let signature = &function.signature;
        is_it(&signature.returns) || signature.params.iter().any(|(_, ty)| is_it(ty))
    })
}

fn upstream_layouts(
    model: &Model,
    body: &model::Upstream,
    run: &[(Where, Cell)],
) -> BTreeMap<Variant, Layout> {
    let mut layouts = BTreeMap::new();
    for (label, cell) in run {
        let Some((_, fields)) = body.layouts.iter().find(|(when, _)| when.holds(cell)) else {
            continue;
        };
        if !body.complete.holds(cell) {
            continue;
        }
        for data_model in DATA_MODELS {
            if let Some(laid) = model.lay_out_upstream(fields, cell, *data_model) {
                let variant = format!("{}/{label}", data_model.name());
                layouts.insert(variant, layout(&laid, fields, *data_model));
            }
        }
    }
    layouts
}

fn layout(laid: &LaidOut, fields: &[model::layout::Field], data_model: DataModel) -> Layout {
    let fields = fields.iter().filter(|field| field.is_in(data_model));
    Layout {
        size: u64::from(laid.extent.size),
        align: u64::from(laid.extent.align),
        fields: fields
            .zip(&laid.fields)
            .map(|(field, placed)| Field {
                name: placed.name.clone(),
                ty: Some(ctype(&field.ty, data_model)),
                spelled: Some(field.ty.c("")),
                bit_offset: u64::from(placed.offset) * 8,
                bits: u64::from(placed.size) * 8,
                is_bit_field: false,
            })
            .collect(),
    }
}

/// A signature by data model, or once when all agree.
pub(crate) fn function(signature: &Signature) -> BTreeMap<Variant, ctype::Function> {
    let of = |data_model: &DataModel| ctype::Function {
        params: signature
            .params
            .iter()
            .map(|(_, ty)| ctype(ty, *data_model))
            .collect(),
        variadic: false,
        returns: Box::new(ctype(&signature.returns, *data_model)),
        convention: None,
    };
    let first = of(&DATA_MODELS[0]);
    if DATA_MODELS.iter().all(|data_model| of(data_model) == first) {
        return everywhere(first);
    }
    DATA_MODELS
        .iter()
        .map(|data_model| (data_model.name().to_owned(), of(data_model)))
        .collect()
}

pub(crate) fn ctype(ty: &Ty, data_model: DataModel) -> CType {
    let pointer = |constant, to| CType::Pointer {
        constant,
        to: Box::new(to),
    };
    match ty {
        Ty::Void => CType::Void,
        Ty::Scalar(scalar) => integer(*scalar, data_model),
        Ty::Object | Ty::NullableObject => pointer(false, CType::Record("PyObject".to_owned())),
        Ty::Ptr { to, constant } => pointer(*constant, ctype(to, data_model)),
        // Plain char has a sign on x86, where CPythons are observed.
        Ty::CStr => pointer(
            true,
            CType::Int {
                signed: true,
                bits: 8,
            },
        ),
        Ty::FnPtr => pointer(false, CType::Other("function".to_owned())),
        Ty::Named(name) => CType::Record(name.clone()),
    }
}

fn integer(scalar: Scalar, data_model: DataModel) -> CType {
    let word = data_model.pointer() * 8;
    let (signed, bits) = match scalar {
        Scalar::Int => (true, 32),
        Scalar::UInt | Scalar::U32 => (false, 32),
        Scalar::I64 => (true, 64),
        Scalar::U8 => (false, 8),
        Scalar::U16 => (false, 16),
        Scalar::U64 => (false, 64),
        Scalar::SSize => (true, word),
        Scalar::Size | Scalar::UIntPtr => (false, word),
    };
    CType::Int { signed, bits }
}

/// What headers define a slot id as, by way to compile, and what a running CPython is given.
fn slot_values(body: &model::Slot, cells: &Cells) -> BTreeMap<Where, Value> {
    let mut values = BTreeMap::new();
    for (ids, cells) in [(&body.ids, &cells.compile), (&body.runtime, &cells.run)] {
        for (when, id) in ids {
            for label in holding(when, cells) {
                values.insert(label, Value::Number(i128::from(*id)));
            }
        }
    }
    values
}

fn bits(body: &model::Bitfield) -> Bits {
    let range = |bit: &model::Bit| BitRange {
        shift: bit.shift,
        width: bit.width,
    };
    Bits {
        unit: integer(body.unit, DataModel::Lp64),
        bits: body
            .bits
            .iter()
            .map(|bit| (bit.name.clone(), range(bit)))
            .collect(),
    }
}

/// The dispatch table: callers are compiled with the index of each function.
fn table(model: &Model, sources: &Sources) -> Option<Item> {
    let slots = model.table();
    let (first, _) = slots.first()?;
    let slots = slots
        .iter()
        .filter_map(|(entry, function)| {
            let slot = function.slot.as_ref()?;
            Some((entry.name.clone(), u64::from(slot.value)))
        })
        .collect();
    Some(Item {
        kind: Kind::Slots(slots),
        declared: Arc::new(everywhere(Form::Type)),
        exported: None,
        symbol: Symbol::default(),
        life: Life::default(),
        place: Some(place(sources, first)),
    })
}
