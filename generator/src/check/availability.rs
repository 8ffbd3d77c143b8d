//! Availability: every condition holds for some CPython.

use super::codes::Code;
use crate::diag::Sink;
use crate::model::when::{Cell, When};
use crate::model::{Kind, Model};

pub(super) fn check(model: &Model, sink: &mut Sink) {
    let mut cells = model.pythons.compile_cells();
    // Providers may speak of the CPython after the newest one.
    let next = model.pythons.newest().next();
    let future: Vec<Cell> = model
        .pythons
        .runtimes()
        .into_iter()
        .filter(|cell| cell.version == model.pythons.newest())
        .map(|cell| Cell {
            version: next,
            ..cell
        })
        .collect();
    cells.extend(future);
    let entries = model.entries().flat_map(|(_, entry)| {
        let conditions = conditions(&entry.kind).into_iter();
        conditions.map(|(what, when)| (&entry.name, entry.span, what, when))
    });
    let behaviours = model
        .behaviours()
        .map(|(_, b)| (&b.name, b.span, "when", &b.when));
    for (name, span, what, when) in entries.chain(behaviours) {
        for arm in &when.arms {
            // Machines are not in the cells; they never make a condition impossible.
            let written = arm.span.unwrap_or(span);
            let mut arm = arm.clone();
            arm.os.clear();
            arm.arch.clear();
            if !cells.iter().any(|cell| arm.holds(cell)) {
                let message = format!("a condition of `{name}` ({what}) holds for no CPython");
                let help = format!(
                    "targets.yaml speaks of {} to {}",
                    model.pythons.oldest(),
                    model.pythons.newest()
                );
                sink.push(Code::NeverAvailable, written, message).help(help);
            }
        }
    }
}

fn conditions(kind: &Kind) -> Vec<(&'static str, &When)> {
    match kind {
        Kind::Upstream(body) => {
            let mut all: Vec<_> = body
                .layouts
                .iter()
                .map(|(when, _)| ("layout", when))
                .collect();
            all.push(("declared", &body.declared));
            all.push(("complete", &body.complete));
            all
        }
        Kind::Symbol(body) => vec![("declared", &body.declared), ("exported", &body.exported)],
        Kind::Slot(body) => {
            let ids = body.ids.iter().map(|(when, _)| ("ids", when));
            let runtime = body.runtime.iter().map(|(when, _)| ("runtime", when));
            ids.chain(runtime)
                .chain([("declared", &body.declared)])
                .collect()
        }
        Kind::Bitfield(body) => body
            .looked_at
            .iter()
            .map(|(when, _)| ("looked_at", when))
            .collect(),
        Kind::Function(body) => {
            let direct = body.direct.iter().map(|(when, _)| ("direct", when));
            let providers = body
                .providers
                .iter()
                .map(|provider| ("providers", &provider.when));
            direct
                .chain(providers)
                .chain([("when", &body.when)])
                .collect()
        }
        Kind::Struct(_) | Kind::Constant(_) | Kind::Macro => Vec::new(),
    }
}
