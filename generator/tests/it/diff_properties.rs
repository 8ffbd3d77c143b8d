//! What holds for structs and surfaces that nobody thought of.

use crate::snapshot;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::large::{field, item, large, surface};
use proptest::prelude::*;
use pyshim_gen::diff::diff;
use pyshim_gen::report::{Level, Report};
use pyshim_gen::surface::ctype::CType;
use pyshim_gen::surface::{Field, Form, Kind, Layout, Record, Surface};

/// A struct that begins with eight bytes, then has reserved ones, then perhaps more.
const RESERVE_AT: u64 = 8;

fn byte_array(length: u64) -> CType {
    CType::Array {
        length: Some(length),
        of: Box::new(CType::Int {
            signed: false,
            bits: 8,
        }),
    }
}

fn bytes(name: &str, at: u64, size: u64) -> Field {
    field(name, at, size, byte_array(size))
}

fn of_struct(size: u64, fields: Vec<Field>) -> Surface {
    let layout = Layout {
        size,
        align: 1,
        fields,
    };
    let record = Record {
        layouts: BTreeMap::from([("lp64".to_owned(), layout)]),
        ..Record::default()
    };
    surface([("box".to_owned(), item(Kind::Record(record), Form::Type))])
}

fn worst(report: &Report) -> Option<Level> {
    report.findings.iter().map(|finding| finding.level).max()
}

fn rules(report: &Report) -> Vec<&'static str> {
    report
        .findings
        .iter()
        .map(|finding| finding.rule.name)
        .collect()
}

/// How many bytes are reserved, and a run of bytes that may lie in them.
fn uses() -> impl Strategy<Value = (u64, u64, u64)> {
    (1_u64..64).prop_flat_map(|kept| (Just(kept), 0..kept, 1_u64..96))
}

proptest! {
    #[test]
    fn what_lies_inside_of_the_reserve_is_compatible_and_the_rest_is_not(
        (kept, from, length) in uses(),
        trailing in any::<bool>(),
        remains in any::<bool>(),
    ) {
        let end = RESERVE_AT + kept;
        let tail = if trailing { 4 } else { 0 };
        let mut old = vec![bytes("a", 0, RESERVE_AT), bytes("reserved", RESERVE_AT, kept)];
        let at = RESERVE_AT + from;
        let over = (at + length).saturating_sub(end);
        let mut new = vec![bytes("a", 0, RESERVE_AT), bytes("fresh", at, length)];
        let left = end.saturating_sub(at + length);
        if remains && left > 0 {
            new.push(bytes("reserved", at + length, left));
        }
        if trailing {
            old.push(bytes("z", end, tail));
            new.push(bytes("z", end + over, tail));
        }
        let report = diff(&of_struct(end + tail, old), &of_struct(end + tail + over, new));
        if over == 0 {
            prop_assert_eq!(rules(&report), ["reserve-used"]);
            prop_assert_eq!(worst(&report), Some(Level::Compatible));
        } else {
            prop_assert_eq!(worst(&report), Some(Level::Break));
            prop_assert!(rules(&report).contains(&"reserve-overrun"));
        }
    }

    #[test]
    fn random_layouts_are_compared_without_a_panic_and_equal_themselves(
        old in layouts(),
        new in layouts(),
    ) {
        let (old, new) = (of_struct(old.0, old.1), of_struct(new.0, new.1));
        for (a, b) in [(&old, &new), (&new, &old)] {
            let report = diff(a, b);
            prop_assert_eq!(report.findings.is_empty(), a == b || reserve_only(a, b));
            for picture in report.findings.iter().filter_map(|f| f.picture.as_ref()) {
                for side in [&picture.old, &picture.new] {
                    let mut at = 0;
                    for span in &side.spans {
                        prop_assert_eq!(span.offset, at);
                        prop_assert!(span.size > 0);
                        at += span.size;
                    }
                    prop_assert_eq!(at, side.size);
                }
            }
        }
        prop_assert!(diff(&old, &old).findings.is_empty());
    }
}

/// Whether two sides differ in nothing that has a use: order, and what is kept for later.
fn reserve_only(a: &Surface, b: &Surface) -> bool {
    let facts = |surface: &Surface| {
        let kinds = surface.items.values().map(|item| item.kind.clone());
        let records = kinds.filter_map(|kind| match kind {
            Kind::Record(record) => record.layouts.into_values().next(),
            _ => None,
        });
        let layouts = records.map(|layout| {
            let used: BTreeSet<(String, u64, u64)> = (layout.fields.into_iter())
                .filter(|field| field.name != "reserved")
                .map(|field| (field.name, field.bit_offset, field.bits))
                .collect();
            (layout.size, used)
        });
        layouts.collect::<Vec<_>>()
    };
    facts(a) == facts(b)
}

/// Fields anywhere, overlapping or not, inside of the struct or not. A reserve past the end would not
/// be the struct's to keep, so it lies inside.
fn layouts() -> impl Strategy<Value = (u64, Vec<Field>)> {
    let names = prop::sample::subsequence(vec!["a", "b", "c", "reserved"], 0..=4);
    let places = prop::collection::vec((0_u64..40, 1_u64..12), 4);
    (0_u64..48, names, places).prop_map(|(size, names, places)| {
        let fields = names.into_iter().zip(places);
        let inside =
            fields.filter(|&(name, (at, length))| name != "reserved" || at + length <= size);
        let fields = inside.map(|(name, (at, length))| bytes(name, at, length));
        (size, fields.collect())
    })
}

#[test]
fn what_differs_among_ten_thousand_items_is_found() {
    let (old, new) = (large(0), large(1));
    assert!(diff(&old, &new).findings.len() > 100);
    assert_eq!(diff(&old, &old).findings, []);
}

#[test]
fn a_report_does_not_depend_on_who_asks() {
    let dir = Path::new("tests/data/diff/builds-of-two-interpreters");
    let (old, new) = (
        snapshot::read(&dir.join("old.txt")),
        snapshot::read(&dir.join("new.txt")),
    );
    assert_eq!(diff(&old, &new), diff(&old.clone(), &new.clone()));
}
