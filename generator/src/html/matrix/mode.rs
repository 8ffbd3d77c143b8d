//! The ways to compile an extension, as columns of what it may run on.

use crate::model::Model;
use crate::model::version::Version;
use crate::model::when::{Api, Build, Cell};

/// A mode of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Full,
    Limited,
    Abi3t,
    Universal,
}

impl Mode {
    /// Those that a manifest knows.
    pub(super) fn of(model: &Model) -> Vec<Mode> {
        let mut modes = vec![Mode::Full, Mode::Limited];
        if model
            .pythons
            .list
            .iter()
            .any(|python| python.abi3t_since.is_some())
        {
            modes.push(Mode::Abi3t);
            modes.extend(model.supplies().then_some(Mode::Universal));
        }
        modes
    }

    /// In tables.
    pub(super) fn name(self) -> &'static str {
        match self {
            Mode::Full => "full",
            Mode::Limited => "abi3",
            Mode::Abi3t => "abi3t",
            Mode::Universal => "universal",
        }
    }

    /// In a sentence.
    pub(super) fn meaning(self) -> &'static str {
        match self {
            Mode::Full => "the full API: one binary for one version and build",
            Mode::Limited => {
                "`Py_LIMITED_API`: one binary for GIL-enabled builds from a version on"
            }
            Mode::Abi3t => "`Py_TARGET_ABI3T`: one binary for both builds from a version on",
            Mode::Universal => "`PYSHIM_UNIVERSAL`: one binary for all of them",
        }
    }

    /// The ways to compile with headers as old as the CPython that runs, so that the binary is for it;
    /// the least `Py_LIMITED_API` first. None where there is no such binary.
    pub(super) fn headers(self, model: &Model, runs: &Cell) -> Vec<Cell> {
        let cells = model.pythons.compile_cells();
        let newest = model.pythons.newest();
        let of = |api: Api, version: Version| {
            let cells = cells.iter().copied();
            let cells = cells.filter(|cell| cell.api == api && cell.version == version);
            let mut cells = Vec::from_iter(cells);
            cells.sort_by_key(|cell| cell.limited);
            cells
        };
        match self {
            Mode::Full => vec![*runs],
            Mode::Limited if runs.build == Build::Ft => Vec::new(),
            Mode::Limited => of(Api::Abi3, runs.version),
            Mode::Abi3t => of(Api::Abi3t, runs.version),
            Mode::Universal => of(Api::Abi3t, newest),
        }
    }
}
