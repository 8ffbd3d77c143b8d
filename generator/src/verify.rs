//! Whether what a manifest says of CPython is what a CPython is.
//!
//! Each fact is compared in each way to compile that was observed. What no oracle has looked at is a
//! gap, and never agreement.

pub mod rules;

use std::collections::{BTreeMap, BTreeSet};

use crate::model::layout::{DATA_MODELS, DataModel};
use crate::model::python::runtime;
use crate::model::version::Version;
use crate::model::when::{Api, Build, Cell, When};
use crate::model::{Entry, Model, Slot, Symbol, Upstream};
use crate::report::{Finding, Gap, Level, Report, Rule, Verdict, Verdicts};
use crate::source::{Sources, Span};
use crate::surface::ctype::CType;
use crate::surface::{Evidence, Form, Item, Kind, Layout, Place, Surface, Value, manifest};

/// Compares one CPython's facts with the manifest's, and adds to a report what differs.
pub fn verify(
    model: &Model,
    sources: &Sources,
    python: (Version, Build),
    seen: &Surface,
    report: &mut Report,
) {
    let running = runtime(python.0, python.1);
    if !model.pythons.runtimes().contains(&running) {
        report.gaps.push(Gap {
            facts: format!("everything about {}", seen.about.subject),
            why: "the manifest does not speak of it; add it to targets.yaml".to_owned(),
        });
        return;
    }
    let mut check = Check {
        model,
        sources,
        running,
        cells: seen
            .about
            .wheres
            .iter()
            .filter_map(|label| Some((label.as_str(), cell(label, running)?)))
            .collect(),
        seen,
        report,
    };
    check.gaps();
    for (entry, body) in model.upstream() {
        check.upstream(entry, body);
    }
    for (entry, body) in model.symbols() {
        check.symbol(entry, body);
    }
    for (entry, body) in model.slots() {
        check.slot(entry, body);
    }
}

/// A way to compile, as the point at which conditions are evaluated.
fn cell(label: &str, running: Cell) -> Option<Cell> {
    if label == "full" {
        return Some(running);
    }
    let (word, limited) = label.split_once('-')?;
    let (api, build) = match word {
        "limited" => (Api::Abi3, Build::Gil),
        // The headers define Py_GIL_DISABLED for it.
        "abi3t" => (Api::Abi3t, Build::Ft),
        _ => return None,
    };
    Some(Cell {
        api,
        build,
        limited: Some(Version::parse(limited)?),
        ..running
    })
}

struct Check<'a> {
    model: &'a Model,
    sources: &'a Sources,
    running: Cell,
    cells: Vec<(&'a str, Cell)>,
    seen: &'a Surface,
    report: &'a mut Report,
}

impl<'a> Check<'a> {
    fn reads_headers(&self) -> bool {
        self.seen.has(Evidence::Probe) || self.seen.has(Evidence::Clang)
    }

    fn gaps(&mut self) {
        let subject = &self.seen.about.subject;
        if !self.reads_headers() {
            self.report.gaps.push(Gap {
                facts: format!("declarations, layouts and values of {subject}"),
                why: "neither a C compiler nor libclang has read its headers".to_owned(),
            });
        }
        if !self.seen.has(Evidence::Symbols) {
            self.report.gaps.push(Gap {
                facts: format!("exported symbols of {subject}"),
                why: "its symbol table was not read".to_owned(),
            });
        }
    }

    fn item(&self, name: &str) -> Option<&'a Item> {
        self.seen.items.get(name)
    }

    /// One fact, and what there is to say when it is wrong.
    fn fact(
        &mut self,
        rule: &'static Rule,
        item: &str,
        place: Place,
        label: &str,
        (claimed, found): (String, String),
    ) {
        self.report.compared += 1;
        if claimed == found {
            return;
        }
        let subject = &self.seen.about.subject;
        self.report.findings.push(Finding {
            rule,
            level: Level::Break,
            item: item.to_owned(),
            message: format!("the manifest says {claimed}, and {subject} has {found}"),
            old: Some(claimed),
            new: Some(found),
            only: BTreeSet::from([format!("{}/{label}", manifest::run_label(&self.running))]),
            // What is built on a wrong fact is wrong in each direction.
            verdicts: Verdicts {
                old_binary_new_library: Verdict::Breaks,
                new_binary_old_library: Verdict::Breaks,
                source: Verdict::Unknown,
            },
            place: Some(place),
            hint: rule.hint.to_owned(),
            picture: None,
            suppressed: None,
        });
    }

    /// The line of the arm that speaks of a cell, or of the first arm, or of the entry.
    fn claim(&self, entry: &Entry, when: &When, cell: &Cell) -> Place {
        let first = when.arms.iter().find_map(|arm| arm.span);
        let holding = when.holding(cell).and_then(|arm| arm.span);
        self.place(holding.or(first).unwrap_or(entry.span))
    }

    fn place(&self, span: Span) -> Place {
        let (line, _) = self.sources.position(span);
        Place {
            file: self.sources.file(span.file).path.clone(),
            line: u32::try_from(line).unwrap_or(u32::MAX),
        }
    }

    /// Whether a name is declared, in a form that is meant.
    fn declared(&mut self, entry: &Entry, when: &When, is_meant: fn(Form) -> bool) {
        if !self.reads_headers() {
            return;
        }
        for (label, cell) in self.cells.clone() {
            let item = self.item(&entry.name);
            let form = item.and_then(|item| item.declared.get(label));
            // libclang alone does not tell a name from a tag that is only declared.
            if form == Some(&Form::Incomplete) && !self.seen.has(Evidence::Probe) {
                continue;
            }
            let found = form.is_some_and(|form| is_meant(*form));
            let said = |is: bool| if is { "declared" } else { "not declared" }.to_owned();
            let place = self.claim(entry, when, &cell);
            let both = (said(when.holds(&cell)), said(found));
            self.fact(&rules::DECLARED, &entry.name, place, label, both);
        }
    }

    fn upstream(&mut self, entry: &Entry, body: &Upstream) {
        self.declared(entry, &body.declared, |_| true);
        if !self.reads_headers() {
            return;
        }
        for (label, cell) in self.cells.clone() {
            let form = self
                .item(&entry.name)
                .and_then(|item| item.declared.get(label));
            let found = form == Some(&Form::Type);
            let said = |is: bool| if is { "complete" } else { "incomplete" }.to_owned();
            let place = self.claim(entry, &body.complete, &cell);
            let both = (said(body.complete.holds(&cell)), said(found));
            self.fact(&rules::COMPLETE, &entry.name, place, label, both);
            if found && body.complete.holds(&cell) {
                self.layouts(entry, body, label, &cell);
            }
        }
    }

    fn layouts(&mut self, entry: &Entry, body: &Upstream, label: &str, cell: &Cell) {
        let Some(Kind::Record(record)) = self.item(&entry.name).map(|item| &item.kind) else {
            return;
        };
        for data_model in DATA_MODELS {
            let name = data_model.name();
            let own = record.layouts.get(&format!("{name}/{label}"));
            let Some(found) = own.or_else(|| record.layouts.get(name)) else {
                continue;
            };
            self.layout(entry, body, (label, cell), *data_model, found);
        }
    }

    fn layout(
        &mut self,
        entry: &Entry,
        body: &Upstream,
        (label, cell): (&str, &Cell),
        data_model: DataModel,
        found: &Layout,
    ) {
        let arm = body.layouts.iter().find(|(when, _)| when.holds(cell));
        let Some((when, fields)) = arm else {
            return;
        };
        let Some(laid) = self.model.lay_out_upstream(fields, cell, data_model) else {
            return;
        };
        let place = self.claim(entry, when, cell);
        let bytes = |count: u64, what: &str| format!("{what} {count}");
        for (what, claimed, seen) in [
            ("size", laid.extent.size, found.size),
            ("alignment", laid.extent.align, found.align),
        ] {
            let both = (bytes(u64::from(claimed), what), bytes(seen, what));
            self.fact(&rules::LAYOUT, &entry.name, place.clone(), label, both);
        }
        let seen: BTreeMap<&str, _> = found
            .fields
            .iter()
            .filter_map(|field| Some((field.in_source()?, field)))
            .collect();
        for field in &laid.fields {
            let claimed = format!("{} bytes at {}", field.size, field.offset);
            let found = seen.get(field.name.as_str()).map_or_else(
                || "no such field".to_owned(),
                |field| format!("{} bytes at {}", field.bits / 8, field.bit_offset / 8),
            );
            let item = format!("{}.{}", entry.name, field.name);
            self.fact(&rules::FIELD, &item, place.clone(), label, (claimed, found));
        }
        for field in fields.iter().filter(|field| field.is_in(data_model)) {
            let claimed = manifest::ctype(&field.ty, data_model);
            let found = seen
                .get(field.name.as_str())
                .and_then(|field| field.ty.as_ref());
            if let (CType::Int { .. }, Some(found @ CType::Int { .. })) = (&claimed, found) {
                let item = format!("{}.{}", entry.name, field.name);
                let both = (claimed.to_string(), found.to_string());
                self.fact(&rules::FIELD, &item, place.clone(), label, both);
            }
        }
    }

    fn symbol(&mut self, entry: &Entry, body: &Symbol) {
        // A macro of a symbol's name, as `Py_REFCNT` was before 3.11, declares no symbol.
        self.declared(entry, &body.declared, |form| form != Form::Macro);
        if self.seen.has(Evidence::Symbols) {
            let running = self.running;
            let item = self.item(&entry.name);
            let found = item.and_then(|item| item.exported.as_ref());
            let said = |is: bool| if is { "exported" } else { "not exported" }.to_owned();
            let both = (
                said(body.exported.holds(&running)),
                said(found.is_some_and(|at| !at.is_empty())),
            );
            let place = self.claim(entry, &body.exported, &running);
            self.fact(&rules::EXPORTED, &entry.name, place, "exports", both);
        }
        self.signature(entry, body);
    }

    /// Only libclang knows a function's type.
    fn signature(&mut self, entry: &Entry, body: &Symbol) {
        let Some(Kind::Function(types)) = self.item(&entry.name).map(|item| &item.kind) else {
            return;
        };
        let claims = manifest::function(&body.signature);
        for (variant, found) in types.iter() {
            let claim = claims.get(variant).or_else(|| claims.values().next());
            if let Some(claim) = claim {
                let place = self.place(entry.span);
                let both = (claim.to_string(), found.to_string());
                self.fact(&rules::SIGNATURE, &entry.name, place, variant, both);
            }
        }
    }

    fn slot(&mut self, entry: &Entry, body: &Slot) {
        self.declared(entry, &body.declared, |_| true);
        let Some(Kind::Constant(values)) = self.item(&entry.name).map(|item| &item.kind) else {
            return;
        };
        for (label, cell) in self.cells.clone() {
            let arm = body.ids.iter().find(|(when, _)| when.holds(&cell));
            if let (Some((when, claimed)), Some(Value::Number(found))) = (arm, values.get(label)) {
                let place = self.claim(entry, when, &cell);
                let both = (claimed.to_string(), found.to_string());
                self.fact(&rules::VALUE, &entry.name, place, label, both);
            }
        }
    }
}
