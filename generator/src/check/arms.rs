//! Arms: layouts and values exclude one another and leave nothing out; a direct function has an
//! answer for every CPython of the full API.

use super::codes::Code;
use crate::diag::Sink;
use crate::model::python::runtime;
use crate::model::when::{Arch, Arm, Cell, Os, When, Word};
use crate::model::{Entry, Kind, Model};

pub(super) fn check(model: &Model, sink: &mut Sink) {
    let cells = model.pythons.compile_cells();
    let runtimes = model.pythons.runtimes();
    for (_, entry) in model.entries() {
        match &entry.kind {
            Kind::Upstream(body) => {
                let arms: Vec<&When> = body.layouts.iter().map(|(when, _)| when).collect();
                exclusive(entry, &arms, &cells, sink);
                // Without any, nothing is claimed but the name: only addresses are used.
                if !arms.is_empty() {
                    cover(entry, &arms, &body.complete, &cells, sink);
                }
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
            Kind::Function(body) => {
                let arms: Vec<&When> = body.direct.iter().map(|(when, _)| when).collect();
                if !arms.is_empty() {
                    cover(entry, &arms, &body.when, &runtimes, sink);
                }
                reached(entry, "direct arm", &arms, sink);
            }
            _ => {}
        }
    }
}

/// Whether two arms hold at once: the second is pointed at.
fn exclusive(entry: &Entry, arms: &[&When], cells: &[Cell], sink: &mut Sink) {
    for cell in machines(arms, cells) {
        let mut holding = arms.iter().filter_map(|when| when.holding(&cell));
        if let (Some(_), Some(second)) = (holding.next(), holding.next()) {
            let message = format!("two arms of `{}` hold for {}", entry.name, name(&cell));
            sink.push(
                Code::AmbiguousArms,
                second.span.unwrap_or(entry.span),
                message,
            );
            return;
        }
    }
}

fn cover(entry: &Entry, arms: &[&When], needed: &When, cells: &[Cell], sink: &mut Sink) {
    for cell in machines(arms, cells)
        .iter()
        .filter(|cell| needed.holds(cell))
    {
        if !arms.iter().any(|when| when.holds(cell)) {
            let message = format!("no arm of `{}` holds for {}", entry.name, name(cell));
            sink.push(Code::MissingArm, entry.span, message);
            return;
        }
    }
}

/// Whether an arm comes after one that always holds, where the first counts.
fn reached(entry: &Entry, what: &str, arms: &[&When], sink: &mut Sink) {
    let after = arms.iter().skip_while(|when| !when.is_always()).nth(1);
    if let Some(arm) = after.and_then(|when| when.arms.first()) {
        let message = format!("this {what} of `{}` is never reached", entry.name);
        sink.push(Code::AmbiguousArms, arm.span.unwrap_or(entry.span), message)
            .help("the one before it always holds");
    }
}

/// The cells on every kind of machine, where some arm asks for one.
fn machines(arms: &[&When], cells: &[Cell]) -> Vec<Cell> {
    let asks = |arm: &Arm| !arm.os.is_empty() || !arm.arch.is_empty();
    if !arms.iter().flat_map(|when| &when.arms).any(asks) {
        return cells.to_vec();
    }
    let mut all = Vec::new();
    for cell in cells {
        for (_, os) in Os::WORDS {
            for (_, arch) in Arch::WORDS {
                all.push(Cell {
                    os: *os,
                    arch: *arch,
                    ..*cell
                });
            }
        }
    }
    all
}

/// A cell as people say it: `3.15t`, `3.15 with Py_LIMITED_API 3.8`.
fn name(cell: &Cell) -> String {
    use crate::model::when::{Api, Build};
    let t = if cell.build == Build::Ft { "t" } else { "" };
    let plain = runtime(cell.version, cell.build).version;
    let python = match (cell.api, cell.limited) {
        (Api::Full, _) | (_, None) => format!("{plain}{t}"),
        (Api::Abi3, Some(limited)) => format!("{plain} with Py_LIMITED_API {limited}"),
        (Api::Abi3t, Some(limited)) => format!("{plain} with Py_TARGET_ABI3T {limited}"),
    };
    if (cell.os, cell.arch) == (Os::Linux, Arch::X86_64) {
        return python;
    }
    format!("{python} on {} {}", cell.os.word(), cell.arch.word())
}
