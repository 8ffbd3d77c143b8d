//! Surfaces as large as one likes, for tests and for `cargo xtask bench`, which includes this file by
//! its path.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pyshim_gen::surface::ctype::{CType, Function};
use pyshim_gen::surface::{
    Evidence, Field, Form, Item, Kind, Layout, Life, Record, Surface, Symbol, Value,
};

pub(crate) fn field(name: &str, at: u64, size: u64, ty: CType) -> Field {
    Field {
        name: name.to_owned(),
        ty: Some(ty),
        spelled: None,
        bit_offset: at * 8,
        bits: size * 8,
        is_bit_field: false,
    }
}

pub(crate) fn item(kind: Kind, form: Form) -> Item {
    Item {
        kind,
        declared: Arc::new(BTreeMap::from([("any".to_owned(), form)])),
        exported: None,
        symbol: Symbol::default(),
        life: Life::default(),
        place: None,
    }
}

pub(crate) fn surface(items: impl IntoIterator<Item = (String, Item)>) -> Surface {
    let mut surface = Surface {
        items: items.into_iter().collect(),
        ..Surface::default()
    };
    surface.about.evidence = BTreeSet::from([Evidence::Probe, Evidence::Clang]);
    surface
}

/// Ten thousand items, a quarter of each kind.
pub(crate) fn large(change: u64) -> Surface {
    let number = |index: u64| CType::Int {
        signed: true,
        bits: if index % 97 == change { 64 } else { 32 },
    };
    surface((0..10_000_u64).map(|index| {
        let kind = match index % 4 {
            0 => {
                let fields = (0..6).map(|n| field(&format!("f{n}"), n * 8, 8, number(index)));
                Kind::Record(Record {
                    layouts: BTreeMap::from([(
                        "lp64".to_owned(),
                        Layout {
                            size: 48 + 8 * u64::from(index % 89 == change),
                            align: 8,
                            fields: fields.collect(),
                        },
                    )]),
                    ..Record::default()
                })
            }
            1 => Kind::Constant(Arc::new(BTreeMap::from([(
                "any".to_owned(),
                Value::Number(i128::from(index + u64::from(index % 83 == change))),
            )]))),
            _ => Kind::Function(Arc::new(BTreeMap::from([(
                "lp64".to_owned(),
                Function {
                    params: vec![number(index); 3],
                    variadic: false,
                    returns: Box::new(CType::Void),
                    convention: None,
                },
            )]))),
        };
        let form = match kind {
            Kind::Record(_) => Form::Type,
            Kind::Constant(_) => Form::Macro,
            _ => Form::Function,
        };
        // Some come and some go, which are looked at for new names.
        let name = if index % 11 == 0 { change } else { 0 };
        (format!("widget_{name}_{index:05}"), item(kind, form))
    }))
}
