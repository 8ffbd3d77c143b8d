//! What an entry is in one mode on one CPython.

use super::mode::Mode;
use crate::model::layout::DataModel;
use crate::model::support::{Support, compiled};
use crate::model::version::Version;
use crate::model::when::{Api, Build, Cell};
use crate::model::{Entry, Kind, Model, Upstream};

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Square {
    pub(super) words: String,
    pub(super) tone: Tone,
    /// The `Py_LIMITED_API` that it needs, where that is not the least.
    pub(super) from: Option<Version>,
}

/// What a cell says, as its colour does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Native,
    Own,
    Nothing,
    Fact,
    Absent,
}

impl Tone {
    /// Its name in the style.
    pub(super) fn class(self) -> &'static str {
        match self {
            Tone::Native => "native",
            Tone::Own => "own",
            Tone::Nothing => "nothing",
            Tone::Fact => "fact",
            Tone::Absent => "absent",
        }
    }
}

/// A row for each mode, by its name. What is the same everywhere has one.
pub(super) fn rows(
    model: &Model,
    modes: &[Mode],
    entry: &Entry,
    runs: &[Cell],
) -> Vec<(&'static str, Vec<Option<Square>>)> {
    if let Some(words) = everywhere(model, entry) {
        let square = Square {
            words,
            tone: Tone::Fact,
            from: None,
        };
        return vec![("every", vec![Some(square); runs.len()])];
    }
    // Universal modules are compiled against headers that they may not run on: of those, only what is
    // ours says something.
    let is_ours = matches!(entry.kind, Kind::Function(_));
    let modes = modes
        .iter()
        .filter(|mode| is_ours || **mode != Mode::Universal);
    let rows = modes.map(|mode| {
        let squares = runs.iter().map(|run| square(model, *mode, entry, run));
        (mode.name(), squares.collect())
    });
    rows.collect()
}

/// What needs no CPython.
fn everywhere(model: &Model, entry: &Entry) -> Option<String> {
    match &entry.kind {
        _ if entry.is_removed() => None,
        Kind::Struct(body) => {
            let laid = model.lay_out(body, DataModel::Lp64)?;
            Some(bytes(laid.extent.size))
        }
        Kind::Constant(value) => Some(value.to_string()),
        Kind::Bitfield(_) | Kind::Macro => Some("yes".to_owned()),
        Kind::Function(_) | Kind::Upstream(_) | Kind::Symbol(_) | Kind::Slot(_) => None,
    }
}

fn bytes(count: u32) -> String {
    match count {
        1 => "1 byte".to_owned(),
        _ => format!("{count} bytes"),
    }
}

fn square(model: &Model, mode: Mode, entry: &Entry, run: &Cell) -> Option<Square> {
    let headers = mode.headers(model, run);
    let least = headers.first()?.limited;
    let found = headers.iter().find_map(|cell| {
        let (words, tone) = at(model, entry, cell, run)?;
        let from = cell.limited.filter(|_| cell.limited != least);
        Some(Square { words, tone, from })
    });
    Some(found.unwrap_or_else(|| Square {
        words: "–".to_owned(),
        tone: Tone::Absent,
        from: None,
    }))
}

/// What an entry is that is compiled with some headers, on the CPython that runs; nothing where it cannot
/// be had.
fn at(model: &Model, entry: &Entry, headers: &Cell, runs: &Cell) -> Option<(String, Tone)> {
    let fact = |words: String| Some((words, Tone::Fact));
    match &entry.kind {
        _ if entry.is_removed() => None,
        Kind::Function(body) => {
            let (words, tone) = match compiled(model, body, headers, runs) {
                Support::Native => ("CPython's", Tone::Native),
                Support::Own => ("pyshim's", Tone::Own),
                // One word, so that more CPythons fit beside each other.
                Support::Nothing => ("nothing", Tone::Nothing),
                Support::Absent => return None,
            };
            Some((words.to_owned(), tone))
        }
        Kind::Upstream(body) if body.complete.holds(headers) => fact(size(model, body, headers)),
        Kind::Upstream(body) if body.declared.holds(headers) => fact("incomplete".to_owned()),
        Kind::Symbol(body) if body.declared.holds(headers) => fact("yes".to_owned()),
        Kind::Symbol(body) if headers.api == Api::Full && body.exported.holds(runs) => {
            fact("exported".to_owned())
        }
        Kind::Slot(body) => {
            let defined = body.declared.holds(headers);
            let id = body.ids.iter().find(|(when, _)| when.holds(headers));
            let id = id.filter(|_| defined);
            id.and_then(|(_, id)| fact(id.to_string()))
        }
        _ => None,
    }
}

/// Of a struct, on 64-bit Linux.
fn size(model: &Model, body: &Upstream, headers: &Cell) -> String {
    // Layouts are told of the full API; what a limited one shows is the same struct.
    let build = match headers.api {
        Api::Abi3t => Build::Ft,
        _ => headers.build,
    };
    let at = Cell {
        api: Api::Full,
        limited: None,
        build,
        ..*headers
    };
    let layout = body.layouts.iter().find(|(when, _)| when.holds(&at));
    let laid = layout.and_then(|(_, fields)| model.lay_out_upstream(fields, &at, DataModel::Lp64));
    laid.map_or("yes".to_owned(), |laid| bytes(laid.extent.size))
}
