//! The CPythons that the manifest speaks about, and every way to compile or run on them.

use super::version::Version;
use super::when::{Api, Arch, Build, Cell, Os};

/// The observed CPythons, oldest first.
#[derive(Clone, Debug)]
pub struct Pythons {
    /// One per version.
    pub list: Vec<Python>,
}

/// One version of CPython.
#[derive(Clone, Debug)]
pub struct Python {
    /// Its version.
    pub version: Version,
    /// The builds it comes in.
    pub builds: Vec<Build>,
    /// The least `Py_LIMITED_API` that makes its headers give abi3t.
    pub abi3t_since: Option<Version>,
}

impl Pythons {
    /// The oldest version.
    #[must_use]
    pub fn oldest(&self) -> Version {
        self.list[0].version
    }

    /// The newest version.
    #[must_use]
    pub fn newest(&self) -> Version {
        self.list[self.list.len() - 1].version
    }

    /// Every running CPython, as cells of the full API on Linux.
    #[must_use]
    pub fn runtimes(&self) -> Vec<Cell> {
        let mut cells = Vec::new();
        for python in &self.list {
            for build in &python.builds {
                cells.push(runtime(python.version, *build));
            }
        }
        cells
    }

    /// Every way to compile: version, build, API and, in the limited API, its value.
    #[must_use]
    pub fn compile_cells(&self) -> Vec<Cell> {
        let mut cells = self.runtimes();
        for python in &self.list {
            let limited = self.list.iter().map(|other| other.version);
            for value in limited.filter(|value| *value <= python.version) {
                let base = runtime(python.version, Build::Gil);
                cells.push(Cell {
                    api: Api::Abi3,
                    limited: Some(value),
                    ..base
                });
                if python.abi3t_since.is_some_and(|since| value >= since) {
                    let build = Build::Ft;
                    cells.push(Cell {
                        api: Api::Abi3t,
                        limited: Some(value),
                        build,
                        ..base
                    });
                }
            }
        }
        cells
    }
}

/// A running CPython as a cell.
#[must_use]
pub fn runtime(version: Version, build: Build) -> Cell {
    Cell {
        version,
        build,
        api: Api::Full,
        limited: None,
        os: Os::Linux,
        arch: Arch::X86_64,
    }
}
