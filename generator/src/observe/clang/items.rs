//! From what was read to a surface.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use syn::{Expr, ForeignItem, ForeignItemFn, Item, ItemConst, ItemMod, Lit, Type, UseTree};

use super::Request;
use super::names::Names;
use super::questions::{DEFINED, VALUE};
use super::reading::{ITEM, MEMBER, Macro, Notes, Origin, Reading};
use super::record::{self, Known, Raw};
use super::target::{Extent, Target};
use super::types::{IN_DOUBT, Types, Wide, number};
use crate::surface::ctype::{CType, Function};
use crate::surface::write::write;
use crate::surface::{
    self, About, Enum, Evidence, Form, Kind, Life, Record, Surface, UNKNOWN_LAYOUT, Value, Variant,
};

/// Where one of these is, an array may be a vector.
const VECTOR_WORDS: [&str; 5] = [
    "vector_size",
    "ext_vector_type",
    "__m128",
    "__m256",
    "__m512",
];

/// What was read, as a surface.
pub(super) fn surface(request: &Request, reading: &Reading, target: &Target) -> Surface {
    let records = record::collect(&reading.declared);
    let aliases = aliases(&reading.declared);
    let enums: Vec<&ItemMod> = modules(&reading.declared).collect();
    let names = Names::of(reading, &records, &aliases, &enums);
    let mut types = Types {
        target,
        wide: Vec::from_iter(
            (Wide::ALL.into_iter()).filter(|wide| reading.mentions(wide.words()) == Some(true)),
        ),
        aliases: aliases
            .iter()
            .map(|alias| (alias.name.clone(), &alias.ty))
            .collect(),
        extents: records
            .iter()
            .filter_map(|(name, raw)| Some((name.clone(), raw.extent()?)))
            .collect(),
        records: names.records.clone(),
        enums: names.enums.clone(),
    };
    let units: Vec<(String, Option<Extent>)> = enums
        .iter()
        .map(|module| {
            (
                module.ident.to_string(),
                unit(module).and_then(|ty| types.extent(ty)),
            )
        })
        .collect();
    types.extents.extend(
        units
            .into_iter()
            .filter_map(|(name, unit)| Some((name, unit?))),
    );

    let mut building = Building {
        request,
        reading,
        names: &names,
        types: &types,
        variant: target.variant(),
        surface: Surface {
            about: About {
                evidence: BTreeSet::from([Evidence::Clang]),
                wheres: BTreeSet::from([request.label.clone()]),
                ..About::default()
            },
            items: BTreeMap::new(),
        },
    };
    building.functions();
    building.variables_and_constants();
    building.enums(&enums);
    building.records(&records);
    building.aliases(&aliases, &records);
    building.macros();
    building.doubts();
    building.surface
}

/// What a module for an enumeration holds, by the enumeration's name: constants in order.
pub(super) fn members<'a>(
    items: &'a [Item],
    name: &str,
) -> impl Iterator<Item = (String, i128)> + use<'a> {
    let wanted = format!("{ITEM}{name}");
    let module = modules(items).find(move |module| module.ident == wanted);
    module.into_iter().flat_map(constants)
}

fn modules(items: &[Item]) -> impl Iterator<Item = &ItemMod> {
    items.iter().filter_map(|item| match item {
        Item::Mod(module) => Some(module),
        _ => None,
    })
}

fn contents(module: &ItemMod) -> &[Item] {
    module
        .content
        .as_ref()
        .map_or(&[], |(_, items)| items.as_slice())
}

fn constants(module: &ItemMod) -> impl Iterator<Item = (String, i128)> + use<'_> {
    contents(module).iter().filter_map(|item| {
        let Item::Const(item) = item else { return None };
        let name = item.ident.to_string();
        Some((name.strip_prefix(MEMBER)?.to_owned(), number(&item.expr)?))
    })
}

/// The integer that an enumeration is kept in.
fn unit(module: &ItemMod) -> Option<&Type> {
    contents(module).iter().find_map(|item| match item {
        Item::Type(item) => Some(&*item.ty),
        _ => None,
    })
}

/// A typedef, with its name in Rust.
pub(super) struct Alias {
    pub(super) name: String,
    pub(super) ty: Type,
}

/// Every typedef; `use self::X::Type as Y` is one of an enumeration.
fn aliases(items: &[Item]) -> Vec<Alias> {
    let aliases = items.iter().filter_map(|item| match item {
        Item::Type(item) => Some(Alias {
            name: item.ident.to_string(),
            ty: (*item.ty).clone(),
        }),
        Item::Use(item) => {
            let mut tree = &item.tree;
            let mut path = Vec::new();
            while let UseTree::Path(step) = tree {
                path.push(step.ident.clone());
                tree = &step.tree;
            }
            let UseTree::Rename(last) = tree else {
                return None;
            };
            let from = &last.ident;
            Some(Alias {
                name: last.rename.to_string(),
                ty: syn::parse_quote!(#(#path::)*#from),
            })
        }
        _ => None,
    });
    aliases.collect()
}

/// Functions and variables, each with how it is called.
fn foreign(items: &[Item]) -> impl Iterator<Item = (&syn::Abi, &ForeignItem)> {
    items.iter().flat_map(|item| {
        let (abi, items) = match item {
            Item::ForeignMod(module) => (Some(&module.abi), module.items.as_slice()),
            _ => (None, [].as_slice()),
        };
        items.iter().filter_map(move |item| Some((abi?, item)))
    })
}

fn functions(items: &[Item]) -> BTreeMap<String, (&syn::Abi, &ForeignItemFn)> {
    let functions = foreign(items).filter_map(|(abi, item)| match item {
        ForeignItem::Fn(function) => Some((function.sig.ident.to_string(), (abi, function))),
        _ => None,
    });
    functions.collect()
}

struct Building<'a> {
    request: &'a Request,
    reading: &'a Reading,
    names: &'a Names,
    types: &'a Types<'a>,
    variant: Variant,
    surface: Surface,
}

impl Building<'_> {
    /// Whether something was asked for, by its name in Rust.
    fn wants(&self, origins: &BTreeMap<String, Origin>, rust: &str, name: &str) -> bool {
        let origin = origins.get(rust);
        let tag = origin.and_then(|origin| origin.tag.as_deref());
        let names = [name, tag.unwrap_or(name)];
        self.reading
            .filter
            .has(&names, origin.and_then(|origin| origin.file.as_deref()))
    }

    fn notes(&self) -> &Notes {
        &self.reading.notes
    }

    /// Puts an item in, unless one of the same name is there: functions and variables come first,
    /// for tags have names of their own in C.
    fn add(&mut self, name: &str, kind: Kind, form: Form) {
        let label = self.request.label.clone();
        let items = &mut self.surface.items;
        items
            .entry(name.to_owned())
            .or_insert_with(|| surface::Item {
                kind,
                declared: Arc::new(BTreeMap::from([(label, form)])),
                exported: None,
                symbol: surface::Symbol::default(),
                life: Life::default(),
                place: None,
            });
    }

    fn by_variant<T>(&self, value: T) -> BTreeMap<Variant, T> {
        BTreeMap::from([(self.variant.clone(), value)])
    }

    fn functions(&mut self) {
        let declared = functions(&self.reading.declared);
        for (rust, (abi, function)) in &declared {
            let name = rust.strip_prefix(ITEM).unwrap_or(rust);
            if !self.wants(&self.notes().values, rust, name) {
                continue;
            }
            let form = match self.reading.answers.functions.contains(name) {
                true => Form::Function,
                false => Form::Inline,
            };
            let ty: Function = self.types.function(&function.sig, abi);
            self.add(name, Kind::Function(self.by_variant(ty).into()), form);
        }
        for name in self.notes().functions.clone() {
            let is_written = declared.contains_key(&format!("{ITEM}{name}"));
            if !is_written && self.reading.filter.has_name(&name) {
                self.add(&name, Kind::Function(Arc::default()), Form::Inline);
            }
        }
    }

    fn variables_and_constants(&mut self) {
        let variables = foreign(&self.reading.declared).filter_map(|(_, item)| match item {
            ForeignItem::Static(item) => {
                let constant = matches!(item.mutability, syn::StaticMutability::None);
                Some((item.ident.to_string(), &*item.ty, constant))
            }
            _ => None,
        });
        for (rust, ty, constant) in variables.collect::<Vec<_>>() {
            let name = rust.strip_prefix(ITEM).unwrap_or(&rust);
            if self.wants(&self.notes().values, &rust, name) {
                let ty = match (self.types.ctype(ty), constant) {
                    (ty, true) => CType::Constant(Box::new(ty)),
                    (ty, false) => ty,
                };
                self.add(name, Kind::Variable(self.by_variant(ty)), Form::Variable);
            }
        }
        for item in &self.reading.declared {
            let Item::Const(item) = item else { continue };
            let rust = item.ident.to_string();
            let Some(name) = rust.strip_prefix(ITEM) else {
                continue;
            };
            let words = self.notes().macros.get(name).cloned();
            let is_there = words
                .as_ref()
                .is_none_or(|words| self.is_defined(name) && !words.is_initialiser());
            if is_there && self.wants(&self.notes().values, &rust, name) {
                let form = if words.is_some() {
                    Form::Macro
                } else {
                    Form::Constant
                };
                let values = self.value(name, item, words.as_ref());
                self.add(name, Kind::Constant(values.into()), form);
            }
        }
        for (name, words) in &self.reading.notes.macros {
            if let Some(value) = self.asked(name) {
                let value = (*words != Macro::Changing).then_some(Value::Number(value));
                self.add(
                    name,
                    Kind::Constant(self.by_label(value).into()),
                    Form::Macro,
                );
            }
        }
    }

    /// The value of a macro that was asked for.
    fn asked(&self, name: &str) -> Option<i128> {
        let values = &self.reading.answers.values;
        values.get(&format!("{VALUE}{name}")).copied()
    }

    fn value(
        &self,
        name: &str,
        item: &ItemConst,
        words: Option<&Macro>,
    ) -> BTreeMap<String, Value> {
        // bindgen keeps the first of several definitions.
        if words == Some(&Macro::Changing) {
            return BTreeMap::new();
        }
        let value = match number(&item.expr) {
            // bindgen has the low 64 bits, with a sign.
            Some(number) if number < 0 => Some(self.asked(name).unwrap_or(number)),
            number => number,
        };
        let value = value.map(Value::Number);
        self.by_label(value.or_else(|| text(&item.expr).map(Value::Text)))
    }

    fn by_label(&self, value: Option<Value>) -> BTreeMap<String, Value> {
        let value = value.map(|value| (self.request.label.clone(), value));
        value.into_iter().collect()
    }

    fn enums(&mut self, enums: &[&ItemMod]) {
        for module in enums {
            let rust = module.ident.to_string();
            let members: Vec<(String, i128)> = constants(module).collect();
            let Some(name) = self.names.enums.get(&rust) else {
                if self.wants_enum(&rust, &members) {
                    for (name, value) in members {
                        let value =
                            BTreeMap::from([(self.request.label.clone(), Value::Number(value))]);
                        self.add(&name, Kind::Constant(value.into()), Form::Constant);
                    }
                }
                continue;
            };
            if self.wants(&self.notes().types, &rust, name) || self.wants_member(&members) {
                let unit = unit(module).map(|ty| self.types.ctype(ty));
                let kind = Enum {
                    unit: unit.map(|unit| self.by_variant(unit)).unwrap_or_default(),
                    members,
                };
                self.add(name, Kind::Enum(kind), Form::Type);
                self.add_tag(&rust, name, CType::Enum(name.clone()), Form::Type);
            }
        }
    }

    /// What bindgen's words do not tell.
    fn doubts(&mut self) {
        let vectors = self.reading.mentions(&VECTOR_WORDS) == Some(true);
        let doubts = [
            (vectors, "which arrays are vectors"),
            (
                self.types.wide.len() > 1 && write(&self.surface).contains(IN_DOUBT),
                "which type a number of 16 bytes has",
            ),
        ];
        let doubts = doubts.into_iter().filter(|(is, _)| *is);
        let facts = doubts.map(|(_, doubt)| (surface::UNKNOWN.to_owned(), doubt.to_owned()));
        self.surface.about.facts.extend(facts);
    }

    fn wants_enum(&self, rust: &str, members: &[(String, i128)]) -> bool {
        self.wants(&self.notes().types, rust, rust) || self.wants_member(members)
    }

    /// Whether a constant of an enumeration was asked for by name.
    fn wants_member(&self, members: &[(String, i128)]) -> bool {
        members
            .iter()
            .any(|(name, _)| self.reading.filter.has(&[name], None))
    }

    fn records(&mut self, records: &BTreeMap<String, Raw<'_>>) {
        for (rust, name) in &self.names.records {
            let Some(raw) = records.get(rust) else {
                continue;
            };
            if !self.wants(&self.notes().types, rust, name) {
                continue;
            }
            let mut kind = Record {
                is_union: raw.is_union,
                ..Record::default()
            };
            let form = match record::known(rust, records, self.types) {
                Known::Incomplete => Form::Incomplete,
                Known::Unknown => {
                    let fact = (
                        surface::UNKNOWN.to_owned(),
                        format!("{UNKNOWN_LAYOUT}{name}"),
                    );
                    self.surface.about.facts.insert(fact);
                    Form::Type
                }
                Known::Layout(layout) => {
                    kind.layouts = self.by_variant(layout);
                    Form::Type
                }
            };
            self.add(name, Kind::Record(kind), form);
            self.add_tag(rust, name, CType::Record(name.clone()), form);
        }
    }

    /// The tag of what goes by its typedef.
    fn add_tag(&mut self, rust: &str, name: &str, ty: CType, form: Form) {
        let tag = self
            .notes()
            .types
            .get(rust)
            .and_then(|origin| origin.tag.clone());
        let goes_by_tag = [tag.clone(), tag.clone().map(|tag| format!("{tag}.tag"))];
        if let Some(tag) = tag.filter(|_| !goes_by_tag.contains(&Some(name.to_owned()))) {
            self.add(&tag, Kind::Alias(self.by_variant(ty)), form);
        }
    }

    fn aliases(&mut self, aliases: &[Alias], records: &BTreeMap<String, Raw<'_>>) {
        for alias in aliases {
            let rust = &alias.name;
            let Some(name) = rust.strip_prefix(ITEM) else {
                continue;
            };
            if !self.wants(&self.notes().types, rust, name) {
                continue;
            }
            let ty = self.types.ctype(&alias.ty);
            let target = super::types::named(&alias.ty);
            let is_incomplete = match &ty {
                // C calls it the type that can never be completed.
                CType::Void => true,
                CType::Record(_) => {
                    target.is_some_and(|target| self.is_incomplete(&target, records))
                }
                _ => false,
            };
            let form = if is_incomplete {
                Form::Incomplete
            } else {
                Form::Type
            };
            self.add(name, Kind::Alias(self.by_variant(ty)), form);
        }
    }

    fn is_incomplete(&self, rust: &str, records: &BTreeMap<String, Raw<'_>>) -> bool {
        if let Some(alias) = self.types.aliases.get(rust) {
            let further = super::types::named(alias).filter(|further| further != rust);
            return further.is_some_and(|further| self.is_incomplete(&further, records));
        }
        matches!(record::known(rust, records, self.types), Known::Incomplete)
    }

    fn macros(&mut self) {
        for (name, found) in self.notes().macros.clone() {
            let is_empty = matches!(&found, Macro::Object(words) if words.is_empty());
            if self.is_defined(&name) && !is_empty {
                self.add(&name, Kind::Macro, Form::Macro);
            }
        }
    }

    /// Whether a macro is still there at the end.
    fn is_defined(&self, name: &str) -> bool {
        (self.reading.answers.declared).contains(&format!("{DEFINED}{name}"))
    }
}

/// A text, without the zero at its end, or a floating-point number as it is written.
fn text(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            Lit::ByteStr(bytes) => {
                let bytes = bytes.value();
                let bytes = bytes.strip_suffix(b"\0").unwrap_or(&bytes);
                Some(String::from_utf8_lossy(bytes).into_owned())
            }
            Lit::Float(number) => Some(number.base10_digits().to_owned()),
            _ => None,
        },
        Expr::Unary(unary) => Some(format!("-{}", text(&unary.expr)?)),
        _ => None,
    }
}
