//! The answers of all modes as one surface.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::mode::Mode;
use super::super::names::Names;
use super::answers::{Answer, Answers, Class, Complete, Member};
use crate::surface::ctype::CType;
use crate::surface::{
    About, Evidence, Field, Form, Item, Kind, Layout, Life, Record, Surface, Symbol, Value, Variant,
};

pub(super) fn gather(modes: &[(&Mode, Answers)], names: &Names) -> Surface {
    let mut surface = Surface {
        about: About {
            evidence: [Evidence::Probe].into(),
            wheres: modes.iter().map(|(mode, _)| mode.name.clone()).collect(),
            ..About::default()
        },
        ..Surface::default()
    };
    for (_, answers) in modes {
        let fact = ("data-model".to_owned(), answers.model.clone());
        surface.about.facts.insert(fact);
    }
    for name in names.all() {
        let answers = modes.iter().filter_map(|(mode, answers)| {
            let answer = answers.names.get(name)?;
            Some((mode.name.as_str(), answers.model.as_str(), answer))
        });
        if let Some(item) = item(&answers.collect::<Vec<_>>()) {
            surface.items.insert(name.clone(), item);
        }
    }
    surface
}

/// One name: mode, data model and answer.
type Told<'a> = (&'a str, &'a str, &'a Answer);

fn item(told: &[Told<'_>]) -> Option<Item> {
    // What says most of a name in any mode says what it is.
    let (_, _, best) = told.iter().max_by_key(|(_, _, answer)| match answer {
        Answer::Macro => 0,
        Answer::Type(ty) if ty.complete.is_none() => 1,
        _ => 2,
    })?;
    let kind = match best {
        Answer::Function { .. } => Kind::Function(Arc::default()),
        Answer::Variable => Kind::Variable(BTreeMap::new()),
        Answer::Macro => Kind::Macro,
        Answer::Enumerator(_) | Answer::Number(_) | Answer::Text(_) => {
            Kind::Constant(values(told).into())
        }
        Answer::Type(ty) => match ty.complete.as_ref().map(|complete| complete.class) {
            None | Some(Class::Struct | Class::Union) => Kind::Record(record(told)),
            Some(_) => Kind::Alias(aliases(told)),
        },
    };
    Some(Item {
        kind,
        declared: Arc::new(
            told.iter()
                .map(|(mode, _, answer)| ((*mode).to_owned(), form(answer)))
                .collect(),
        ),
        exported: None,
        symbol: Symbol::default(),
        life: Life::default(),
        place: None,
    })
}

fn form(answer: &Answer) -> Form {
    match answer {
        Answer::Type(ty) if ty.complete.is_some() => Form::Type,
        Answer::Type(_) => Form::Incomplete,
        Answer::Function { inline: true } => Form::Inline,
        Answer::Function { inline: false } => Form::Function,
        Answer::Variable => Form::Variable,
        Answer::Enumerator(_) => Form::Constant,
        Answer::Number(_) | Answer::Text(_) | Answer::Macro => Form::Macro,
    }
}

fn values(told: &[Told<'_>]) -> BTreeMap<String, Value> {
    let value = |answer: &Answer| match answer {
        Answer::Enumerator(number) | Answer::Number(number) => Some(Value::Number(*number)),
        Answer::Text(text) => Some(Value::Text(text.clone())),
        _ => None,
    };
    told.iter()
        .filter_map(|(mode, _, answer)| Some(((*mode).to_owned(), value(answer)?)))
        .collect()
}

fn complete<'a>(told: &'a [Told<'_>]) -> impl Iterator<Item = (&'a str, &'a str, &'a Complete)> {
    told.iter()
        .filter_map(|(mode, model, answer)| match answer {
            Answer::Type(ty) => Some((*mode, *model, ty.complete.as_ref()?)),
            _ => None,
        })
}

fn record(told: &[Told<'_>]) -> Record {
    let mut record = Record::default();
    for (mode, model, complete) in complete(told) {
        record.is_union = complete.class == Class::Union;
        let layout = layout(complete);
        match record.layouts.get(model) {
            None => {
                record.layouts.insert(model.to_owned(), layout);
            }
            Some(known) if *known == layout => {}
            // The same data model, and yet another layout: that of a mode.
            Some(_) => {
                record.layouts.insert(format!("{model}/{mode}"), layout);
            }
        }
    }
    record
}

fn layout(complete: &Complete) -> Layout {
    let mut fields: Vec<Field> = complete
        .fields
        .iter()
        .filter_map(|(name, member)| field(name, member))
        .collect();
    fields.sort_by_key(|field| (field.bit_offset, field.bits));
    Layout {
        size: complete.size,
        align: complete.align,
        fields,
    }
}

/// A field that has a place. That of a bit-field is not known, and so it is left out.
fn field(name: &str, member: &Member) -> Option<Field> {
    let bits = member.size.unwrap_or_default() * 8;
    Some(Field {
        name: name.to_owned(),
        ty: number(member.class, bits),
        spelled: None,
        bit_offset: member.offset? * 8,
        bits,
        is_bit_field: false,
    })
}

fn aliases(told: &[Told<'_>]) -> BTreeMap<Variant, CType> {
    complete(told)
        .filter_map(|(_, model, complete)| {
            let of = number(complete.class, complete.size * 8)?;
            let ty = match complete.align {
                // No kind of number is by itself aligned to more than its size.
                to if to > complete.size => CType::Aligned {
                    to,
                    of: Box::new(of),
                },
                _ => of,
            };
            Some((model.to_owned(), ty))
        })
        .collect()
}

/// A number type; of others the probe does not know enough.
fn number(class: Class, bits: u64) -> Option<CType> {
    let bits = u32::try_from(bits).ok()?;
    match class {
        Class::Bool => Some(CType::Bool),
        Class::Signed => Some(CType::Int { signed: true, bits }),
        Class::Unsigned => Some(CType::Int {
            signed: false,
            bits,
        }),
        Class::Float => Some(CType::Float { bits }),
        Class::Struct | Class::Union | Class::Other => None,
    }
}
