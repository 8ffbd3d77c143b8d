//! Several oracles' words as one, or everything on which they differ.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use super::members;
use super::names::Names;
use crate::surface::ctype::CType;
use crate::surface::{Evidence, Field, Form, Item, Kind, Layout, Record, Surface, Value};

/// One fact of which two oracles say different things.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Disagreement {
    /// The name.
    pub item: String,
    /// Which fact of it: `size in lp64`.
    pub fact: String,
    /// Who says what.
    pub said: [(Evidence, String); 2],
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [(a, a_said), (b, b_said)] = &self.said;
        write!(
            f,
            "`{}`, {}: {} says {a_said}, {} says {b_said}",
            self.item,
            self.fact,
            a.word(),
            b.word()
        )
    }
}

/// One oracle's word.
#[derive(Clone, Debug)]
pub struct Testimony {
    /// Whose.
    pub evidence: Evidence,
    /// What.
    pub surface: Surface,
}

/// Puts testimonies together. Those that come first know more of types, so that later ones only add
/// what is missing. `asked` are the names that all of them were asked about.
#[must_use]
pub fn agree(mut testimonies: Vec<Testimony>, asked: &Names) -> (Surface, Vec<Disagreement>) {
    for testimony in &mut testimonies {
        members::unfold(&mut testimony.surface);
    }
    let mut disagreements = Vec::new();
    for (index, a) in testimonies.iter().enumerate() {
        for b in &testimonies[index + 1..] {
            compare(a, b, asked, &mut disagreements);
        }
    }
    disagreements.sort();
    drop_tags(&mut testimonies);
    let mut whole = Surface::default();
    for testimony in testimonies {
        merge(&mut whole, testimony.surface);
    }
    members::fold(&mut whole);
    (whole, disagreements)
}

/// libclang also tells of tags that are only declared. A compiler that was asked knows whether the
/// name can be used without `struct`.
fn drop_tags(testimonies: &mut [Testimony]) {
    let probe = testimonies
        .iter()
        .find(|one| one.evidence == Evidence::Probe);
    let Some(probe) = probe.map(|one| one.surface.clone()) else {
        return;
    };
    for one in testimonies
        .iter_mut()
        .filter(|one| one.evidence == Evidence::Clang)
    {
        for (name, item) in &mut one.surface.items {
            let asked = probe.items.get(name);
            Arc::make_mut(&mut item.declared).retain(|label, form| {
                *form != Form::Incomplete
                    || !probe.about.wheres.contains(label)
                    || asked.is_some_and(|asked| asked.declared.contains_key(label))
            });
        }
    }
}

fn compare(a: &Testimony, b: &Testimony, asked: &Names, found: &mut Vec<Disagreement>) {
    let mut differ = |item: &str, fact: String, a_said: String, b_said: String| {
        found.push(Disagreement {
            item: item.to_owned(),
            fact,
            said: [(a.evidence, a_said), (b.evidence, b_said)],
        });
    };
    // Layouts of different data models cannot be set side by side, so that these differ says it all.
    let (a_models, b_models) = (data_models(a), data_models(b));
    if !a_models.is_empty() && !b_models.is_empty() && a_models != b_models {
        let list = |models: BTreeSet<&str>| Vec::from_iter(models).join(", ");
        differ(
            "about",
            "data-model".to_owned(),
            list(a_models),
            list(b_models),
        );
    }
    for (name, item) in &a.surface.items {
        let Some(other) = b.surface.items.get(name) else {
            continue;
        };
        let others = facts(other);
        for (fact, value) in facts(item) {
            if let Some(says) = others.get(&fact).filter(|says| **says != value) {
                differ(name, fact, value, says.clone());
            }
        }
    }
    if a.evidence == Evidence::Symbols || b.evidence == Evidence::Symbols {
        return;
    }
    // No C names a struct inside of another by the way to it, as libclang does.
    for name in asked.all().filter(|name| !name.contains('.')) {
        for label in a.surface.about.wheres.intersection(&b.surface.about.wheres) {
            let form = |side: &Testimony| {
                let item = side.surface.items.get(name)?;
                item.declared.get(label).copied()
            };
            let (a_form, b_form) = (form(a), form(b));
            if !compatible(a_form, b_form) && !compatible(b_form, a_form) {
                let word = |form: Option<Form>| form.map_or("not declared", Form::word).to_owned();
                differ(
                    name,
                    format!("declared in {label}"),
                    word(a_form),
                    word(b_form),
                );
            }
        }
    }
}

/// The data models that an oracle has seen structs in.
fn data_models(testimony: &Testimony) -> BTreeSet<&str> {
    let records = testimony.surface.items.values();
    records
        .filter_map(|item| match &item.kind {
            Kind::Record(record) => Some(record.layouts.keys().map(String::as_str)),
            _ => None,
        })
        .flatten()
        .collect()
}

/// Whether two oracles can say this of the same thing, for neither sees everything: libclang passes
/// over macros that are no numbers and takes those that are for constants, as it does with static
/// variables whose value the header tells, and a compiler cannot be asked for a tag that is only
/// declared.
fn compatible(a: Option<Form>, b: Option<Form>) -> bool {
    match (a, b) {
        (None, None | Some(Form::Macro | Form::Incomplete)) => true,
        (Some(a), Some(b)) => {
            a == b || (b == Form::Constant && matches!(a, Form::Macro | Form::Variable))
        }
        _ => false,
    }
}

/// What more than one oracle can know of a name, as texts.
fn facts(item: &Item) -> BTreeMap<String, String> {
    let mut facts = BTreeMap::new();
    match &item.kind {
        Kind::Record(record) => {
            for (variant, layout) in &record.layouts {
                facts.extend(layout_facts(variant, layout));
            }
        }
        Kind::Constant(values) => {
            for (label, value) in values.iter() {
                let said = match value {
                    Value::Number(number) => number.to_string(),
                    Value::Text(text) => format!("{text:?}"),
                };
                facts.insert(format!("value in {label}"), said);
            }
        }
        Kind::Alias(types) => {
            for (variant, ty) in types.iter().filter(|(_, ty)| is_number(ty)) {
                facts.insert(format!("type in {variant}"), ty.to_string());
            }
        }
        _ => {}
    }
    facts
}

fn layout_facts(variant: &str, layout: &Layout) -> Vec<(String, String)> {
    let mut facts = vec![
        (format!("size in {variant}"), layout.size.to_string()),
        (format!("alignment in {variant}"), layout.align.to_string()),
    ];
    for field in layout.fields.iter().filter(|field| !field.is_bit_field) {
        let name = field.in_source().unwrap_or(&field.name);
        let of = |what: &str| format!("{what} of {name} in {variant}");
        facts.push((of("offset in bits"), field.bit_offset.to_string()));
        facts.push((of("size in bits"), field.bits.to_string()));
        // A type that only one of them could know would be no disagreement.
        if let Some(ty) = field.ty.as_ref().filter(|ty| is_number(ty)) {
            facts.push((of("type"), ty.to_string()));
        }
    }
    facts
}

fn is_number(ty: &CType) -> bool {
    matches!(ty, CType::Bool | CType::Int { .. } | CType::Float { .. })
}

fn merge(whole: &mut Surface, part: Surface) {
    whole.about.facts.extend(part.about.facts);
    whole.about.evidence.extend(part.about.evidence);
    whole.about.wheres.extend(part.about.wheres);
    for (name, item) in part.items {
        match whole.items.get_mut(&name) {
            None => {
                whole.items.insert(name, item);
            }
            Some(known) => merge_item(known, item),
        }
    }
}

fn merge_item(known: &mut Item, new: Item) {
    let declared = Arc::make_mut(&mut known.declared);
    for (label, form) in Arc::unwrap_or_clone(new.declared) {
        let form_known = declared.entry(label).or_insert(form);
        // Only a compiler tells a macro from a constant.
        if (*form_known, form) == (Form::Constant, Form::Macro) {
            *form_known = form;
        }
    }
    if known.exported.is_none() && new.exported.is_some() {
        known.symbol = new.symbol;
    }
    known.exported = known.exported.take().or(new.exported);
    match (&mut known.kind, new.kind) {
        (Kind::Record(known), Kind::Record(new)) => merge_record(known, new),
        (Kind::Constant(known), Kind::Constant(new)) => {
            let known = Arc::make_mut(known);
            for (label, value) in Arc::unwrap_or_clone(new) {
                known.entry(label).or_insert(value);
            }
        }
        // libclang's reading does not say how a typedef is aligned.
        (Kind::Alias(known), Kind::Alias(new)) => {
            for (variant, ty) in new {
                if matches!(ty, CType::Aligned { .. }) {
                    known.insert(variant, ty);
                }
            }
        }
        // What is known to be more than a macro is that.
        (kind @ Kind::Macro, new) => *kind = new,
        _ => {}
    }
}

fn merge_record(known: &mut Record, new: Record) {
    known.is_union |= new.is_union;
    for (variant, layout) in new.layouts {
        match known.layouts.get_mut(&variant) {
            None => {
                known.layouts.insert(variant, layout);
            }
            Some(into) => {
                for field in layout.fields {
                    if !has(into, &field) {
                        into.fields.push(field);
                    }
                }
            }
        }
    }
}

/// Whether a field is known. A compiler that is asked for it does not see the anonymous members around it.
fn has(layout: &Layout, new: &Field) -> bool {
    let own = new.in_source();
    let mut known = layout.fields.iter();
    known.any(|known| known.name == new.name || (own.is_some() && known.in_source() == own))
}
