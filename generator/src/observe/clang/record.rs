//! Structs and unions as bindgen writes them, and where their fields lie.
//!
//! bindgen asserts the size and the alignment of each and the offsets of most fields, all from
//! libclang. Of bit-fields it says where in their unit they lie, and of units and anonymous members
//! nothing: those are laid out here as Rust does, and count only when everything that is asserted
//! comes out the same.

use std::collections::BTreeMap;

use quote::ToTokens;
use syn::{Attribute, Expr, FieldsNamed, ImplItem, Item, ItemImpl, Lit, ReturnType, Stmt, Type};

use super::reading::FIELD;
use super::target::Extent;
use super::types::{Types, named as named_type, number};
use crate::surface::ctype::CType;
use crate::surface::{Field, Layout};

const ANONYMOUS: &str = "__bindgen_anon_";
const UNIT: &str = "_bitfield_";

/// A struct or union of bindgen's.
#[derive(Default)]
pub(super) struct Raw<'a> {
    pub(super) is_union: bool,
    /// The largest alignment of a field, when that was limited.
    packed: Option<u64>,
    pub(super) fields: Vec<(String, &'a Type)>,
    bit_fields: Vec<BitField<'a>>,
    size: Option<u64>,
    align: Option<u64>,
    /// In bytes, by field.
    offsets: BTreeMap<String, u64>,
}

struct BitField<'a> {
    name: String,
    unit: String,
    /// From the start of the unit, in bits.
    offset: u64,
    bits: u64,
    ty: &'a Type,
}

/// What is known of where things lie.
pub(super) enum Known {
    /// It is declared only.
    Incomplete,
    /// bindgen did not understand it.
    Unknown,
    Layout(Layout),
}

/// Every struct and union, by its name in Rust.
pub(super) fn collect(items: &[Item]) -> BTreeMap<String, Raw<'_>> {
    let mut records = BTreeMap::new();
    for item in items {
        let (ident, attributes, fields, is_union) = match item {
            Item::Struct(item) => {
                let syn::Fields::Named(fields) = &item.fields else {
                    continue;
                };
                (&item.ident, &item.attrs, fields, false)
            }
            Item::Union(item) => (&item.ident, &item.attrs, &item.fields, true),
            _ => continue,
        };
        let raw = Raw {
            is_union,
            packed: packed(attributes),
            fields: named(fields),
            ..Raw::default()
        };
        records.insert(ident.to_string(), raw);
    }
    for item in items {
        match item {
            Item::Impl(item) => collect_bit_fields(item, &mut records),
            Item::Const(item) if item.ident == "_" => collect_asserted(&item.expr, &mut records),
            _ => {}
        }
    }
    records
}

fn named(fields: &FieldsNamed) -> Vec<(String, &Type)> {
    let fields = fields.named.iter();
    fields
        .filter_map(|field| Some((field.ident.as_ref()?.to_string(), &field.ty)))
        .collect()
}

/// `#[repr(C, packed(2))]`.
fn packed(attributes: &[Attribute]) -> Option<u64> {
    let text: String = attributes
        .iter()
        .map(|attribute| attribute.to_token_stream().to_string())
        .collect();
    let (_, after) = text.split_once("packed")?;
    let number = after.trim_start().strip_prefix('(');
    let number = number.and_then(|after| after.split(')').next()?.trim().parse().ok());
    Some(number.unwrap_or(1))
}

/// Each bit-field has a function that takes it out of its unit:
/// `transmute(self._bitfield_1.get_const::<5usize, 4u8>() as u32)`.
fn collect_bit_fields<'a>(item: &'a ItemImpl, records: &mut BTreeMap<String, Raw<'a>>) {
    let Some(raw) = records.get_mut(&item.self_ty.to_token_stream().to_string()) else {
        return;
    };
    for item in &item.items {
        let ImplItem::Fn(function) = item else {
            continue;
        };
        let ReturnType::Type(_, ty) = &function.sig.output else {
            continue;
        };
        let body = function.block.to_token_stream().to_string();
        let place = body
            .split_once(". get_const ::")
            .and_then(|(before, after)| {
                let unit = before.rsplit([' ', '.']).find(|word| !word.is_empty())?;
                let mut numbers = after
                    .split(|c: char| !c.is_alphanumeric())
                    .filter(|word| !word.is_empty())
                    .map(|word| {
                        word.trim_end_matches("usize")
                            .trim_end_matches("u8")
                            .parse()
                            .ok()
                    });
                Some((unit.to_owned(), numbers.next()??, numbers.next()??))
            });
        let name = function.sig.ident.to_string();
        if let (Some((unit, offset, bits)), Some(name)) = (place, name.strip_prefix(FIELD)) {
            raw.bit_fields.push(BitField {
                name: name.to_owned(),
                unit,
                offset,
                bits,
                ty,
            });
        }
    }
}

/// `["Offset of field: X::f"][::std::mem::offset_of!(X, f) - 8usize];`, and the like.
fn collect_asserted(expression: &Expr, records: &mut BTreeMap<String, Raw<'_>>) {
    let Expr::Block(block) = expression else {
        return;
    };
    for statement in &block.block.stmts {
        let Stmt::Expr(Expr::Index(index), _) = statement else {
            continue;
        };
        let Some((label, value)) = asserted(index) else {
            continue;
        };
        if let Some(name) = label.strip_prefix("Size of ") {
            if let Some(raw) = records.get_mut(name) {
                raw.size = Some(value);
            }
        } else if let Some(name) = label.strip_prefix("Alignment of ") {
            if let Some(raw) = records.get_mut(name) {
                raw.align = Some(value);
            }
        } else if let Some((name, field)) = label
            .strip_prefix("Offset of field: ")
            .and_then(|path| path.split_once("::"))
            && let Some(raw) = records.get_mut(name)
        {
            raw.offsets.insert(field.to_owned(), value);
        }
    }
}

fn asserted(index: &syn::ExprIndex) -> Option<(String, u64)> {
    let Expr::Array(array) = &*index.expr else {
        return None;
    };
    let Expr::Lit(label) = array.elems.first()? else {
        return None;
    };
    let Lit::Str(label) = &label.lit else {
        return None;
    };
    let Expr::Binary(difference) = &*index.index else {
        return None;
    };
    let value = u64::try_from(number(&difference.right)?).ok()?;
    Some((label.value(), value))
}

impl Raw<'_> {
    /// How large it is, as libclang says.
    pub(super) fn extent(&self) -> Option<Extent> {
        Some(Extent {
            size: self.size?,
            align: self.align?,
        })
    }

    /// Whether bindgen wrote bytes instead of fields.
    fn is_opaque(&self) -> bool {
        let opaque = ["_bindgen_opaque_blob", "bindgen_union_field"];
        self.fields
            .iter()
            .any(|(name, _)| opaque.contains(&name.as_str()))
    }
}

/// A layout in the making.
struct Placing {
    fields: Vec<Field>,
    /// Bytes taken so far.
    end: u64,
    /// Whether Rust's layout is C's, as far as anybody says.
    agrees: bool,
    /// Whether something has its place from Rust's layout alone.
    relies: bool,
}

/// Where the fields of a struct or union lie. A struct that bindgen says nothing of is declared only:
/// it writes fields for one, too, which take a byte or none.
pub(super) fn known(name: &str, records: &BTreeMap<String, Raw<'_>>, types: &Types<'_>) -> Known {
    let Some(raw) = records.get(name) else {
        return Known::Unknown;
    };
    let Some(extent) = raw.extent() else {
        let dummies = ["_unused", "_address"];
        let is_declared_only = raw
            .fields
            .iter()
            .all(|(name, _)| dummies.contains(&name.as_str()));
        return if is_declared_only {
            Known::Incomplete
        } else {
            Known::Unknown
        };
    };
    if raw.is_opaque() {
        return Known::Unknown;
    }
    match place(raw, extent, records, types) {
        Some(fields) => Known::Layout(Layout {
            size: extent.size,
            align: extent.align,
            fields,
        }),
        None => Known::Unknown,
    }
}

fn place(
    raw: &Raw<'_>,
    extent: Extent,
    records: &BTreeMap<String, Raw<'_>>,
    types: &Types<'_>,
) -> Option<Vec<Field>> {
    let mut placing = Placing {
        fields: Vec::new(),
        end: 0,
        agrees: true,
        relies: false,
    };
    for (name, ty) in &raw.fields {
        let of = types.extent(ty);
        let computed = of.map(|of| raw.next(placing.end, of));
        let asserted = raw.offsets.get(name).copied();
        if asserted.is_some() && asserted != computed {
            placing.agrees = false;
        }
        let at = asserted.or(computed)?;
        placing.add(raw, name, ty, at, of, records, types)?;
        placing.end = placing.end.max(at + of.map_or(0, |of| of.size));
    }
    let whole = placing.end.next_multiple_of(extent.align.max(1)) == extent.size;
    let is_sound = !placing.relies || (placing.agrees && whole);
    is_sound.then_some(placing.fields)
}

impl Raw<'_> {
    /// Where Rust puts the next field.
    fn next(&self, end: u64, of: Extent) -> u64 {
        if self.is_union {
            return 0;
        }
        let limit = self.packed.unwrap_or(u64::MAX);
        end.next_multiple_of(of.align.min(limit).max(1))
    }
}

impl Placing {
    #[expect(clippy::too_many_arguments, reason = "all of them are of one field")]
    fn add(
        &mut self,
        raw: &Raw<'_>,
        name: &str,
        ty: &Type,
        at: u64,
        of: Option<Extent>,
        records: &BTreeMap<String, Raw<'_>>,
        types: &Types<'_>,
    ) -> Option<()> {
        if let Some(field) = name.strip_prefix(FIELD) {
            self.fields.push(Field {
                name: field.to_owned(),
                ty: Some(types.ctype(ty)),
                spelled: types.spelled(ty),
                bit_offset: at * 8,
                bits: of?.size * 8,
                is_bit_field: false,
            });
        } else if let Some(index) = name.strip_prefix(ANONYMOUS) {
            self.relies = true;
            let index: u32 = index.parse().ok()?;
            self.add_anonymous(index.checked_sub(1)?, ty, at, of?, records, types)?;
        } else if raw.bit_fields.iter().any(|field| field.unit == name) {
            self.relies = true;
            let inside = raw.bit_fields.iter().filter(|field| field.unit == name);
            self.fields.extend(inside.map(|field| Field {
                name: field.name.clone(),
                ty: Some(types.ctype(field.ty)),
                spelled: types.spelled(field.ty),
                bit_offset: at * 8 + field.offset,
                bits: field.bits,
                is_bit_field: true,
            }));
        } else if name.starts_with(UNIT) && !name.starts_with("_bitfield_align") {
            // A unit of unnamed bit-fields only.
            self.relies = true;
        }
        Some(())
    }

    /// An anonymous member, and its fields.
    fn add_anonymous(
        &mut self,
        index: u32,
        ty: &Type,
        at: u64,
        of: Extent,
        records: &BTreeMap<String, Raw<'_>>,
        types: &Types<'_>,
    ) -> Option<()> {
        let inner = named_type(ty)?;
        let Known::Layout(layout) = known(&inner, records, types) else {
            return None;
        };
        let is_union = records.get(&inner)?.is_union;
        let word = if is_union { "union" } else { "struct" };
        let member = format!("<{index}>");
        self.fields.push(Field {
            name: member.clone(),
            ty: Some(CType::Other(word.to_owned())),
            spelled: None,
            bit_offset: at * 8,
            bits: of.size * 8,
            is_bit_field: false,
        });
        self.fields
            .extend(layout.fields.into_iter().map(|field| Field {
                name: format!("{member}.{}", field.name),
                bit_offset: at * 8 + field.bit_offset,
                ..field
            }));
        Some(())
    }
}
