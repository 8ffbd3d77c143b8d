//! Arms: layouts and values exclude one another and leave nothing out; a direct function has an
//! answer for every CPython of the full API.

use super::codes::Code;
use crate::diag::Sink;
use crate::model::python::runtime;
use crate::model::when::{Cell, When};
use crate::model::{Entry, Kind, Model};

pub(super) fn check(model: &Model, sink: &mut Sink) {
    let cells = model.pythons.compile_cells();
    let runtimes = model.pythons.runtimes();
    for (_, entry) in model.entries() {
        match &entry.kind {
            Kind::Upstream(body) => {
                let arms: Vec<&When> = body.layouts.iter().map(|(when, _)| when).collect();
                exclusive(entry, &arms, &cells, sink);
                cover(entry, &arms, &body.complete, &cells, sink);
            }
            Kind::Slot(body) => {
                let arms: Vec<&When> = body.ids.iter().map(|(when, _)| when).collect();
                exclusive(entry, &arms, &cells, sink);
                cover(entry, &arms, &body.declared, &cells, sink);
                let arms: Vec<&When> = body.runtime.iter().map(|(when, _)| when).collect();
                exclusive(entry, &arms, &runtimes, sink);
            }
            Kind::Bitfield(body) => {
                let arms: Vec<&When> = body.looked_at.iter().map(|(when, _)| when).collect();
                exclusive(entry, &arms, &runtimes, sink);
            }
            Kind::Function(body) if !body.direct.is_empty() => {
                let arms: Vec<&When> = body.direct.iter().map(|(when, _)| when).collect();
                cover(entry, &arms, &body.when, &runtimes, sink);
                if body.direct.iter().rev().skip(1).any(|(when, _)| when.is_always()) {
                    let message =
                        format!("a direct arm of `{}` can never be reached", entry.name);
                    sink.push(Code::AmbiguousArms, entry.span, message);
                }
            }
            _ => {}
        }
    }
}

fn exclusive(entry: &Entry, arms: &[&When], cells: &[Cell], sink: &mut Sink) {
    for cell in cells {
        if arms.iter().filter(|when| when.holds(cell)).count() > 1 {
            let message = format!("two arms of `{}` hold for {}", entry.name, name(cell));
            sink.push(Code::AmbiguousArms, entry.span, message);
            return;
        }
    }
}

fn cover(entry: &Entry, arms: &[&When], needed: &When, cells: &[Cell], sink: &mut Sink) {
    for cell in cells.iter().filter(|cell| needed.holds(cell)) {
        if !arms.iter().any(|when| when.holds(cell)) {
            let message = format!("no arm of `{}` holds for {}", entry.name, name(cell));
            sink.push(Code::MissingArm, entry.span, message);
            return;
        }
    }
}

/// A cell as people say it: `3.15t`, `3.15 with Py_LIMITED_API 3.8`.
fn name(cell: &Cell) -> String {
    use crate::model::when::{Api, Build};
    let t = if cell.build == Build::Ft { "t" } else { "" };
    let plain = runtime(cell.version, cell.build).version;
    match (cell.api, cell.limited) {
        (Api::Full, _) | (_, None) => format!("{plain}{t}"),
        (Api::Abi3, Some(limited)) => format!("{plain} with Py_LIMITED_API {limited}"),
        (Api::Abi3t, Some(limited)) => format!("{plain} with Py_TARGET_ABI3T {limited}"),
    }
}
