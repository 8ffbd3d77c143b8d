//! Availability: on which CPythons, builds, APIs and machines something holds.
//!
//! A condition is evaluated here, printed to C by `emit::c_condition` and to Rust by
//! `emit::rust_cfg`; a test compares the three over every cell.

use super::version::Version;
use crate::source::Span;

/// How an interpreter was built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Build {
    /// With the GIL.
    Gil,
    /// Free-threaded.
    Ft,
}

impl Build {
    /// As a sentence has it: a `GIL-enabled` build.
    #[must_use]
    pub fn adjective(self) -> &'static str {
        match self {
            Build::Gil => "GIL-enabled",
            Build::Ft => "free-threaded",
        }
    }
}

/// What part of the C API a source is compiled against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Api {
    /// All of it.
    Full,
    /// The limited API on GIL-enabled headers; the binary keeps the stable ABI abi3.
    Abi3,
    /// The limited API with opaque objects; the binary keeps abi3t.
    Abi3t,
}

/// An operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Os {
    Linux,
    Macos,
    Windows,
}

/// A processor architecture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Arch {
    X86,
    X86_64,
    Aarch64,
    S390x,
}

/// A word of the manifest that stands for a value.
pub trait Word: Copy + PartialEq + 'static {
    /// Every word with its value.
    const WORDS: &'static [(&'static str, Self)];

    /// The value's word.
    fn word(self) -> &'static str {
        Self::WORDS
            .iter()
            .find(|(_, value)| *value == self)
            .map_or("?", |(word, _)| word)
    }
}

impl Word for Build {
    const WORDS: &'static [(&'static str, Self)] = &[("gil", Build::Gil), ("ft", Build::Ft)];
}

impl Word for Api {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("full", Api::Full),
        ("abi3", Api::Abi3),
        ("abi3t", Api::Abi3t),
    ];
}

impl Word for Os {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("linux", Os::Linux),
        ("macos", Os::Macos),
        ("windows", Os::Windows),
    ];
}

impl Word for Arch {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("x86", Arch::X86),
        ("x86_64", Arch::X86_64),
        ("aarch64", Arch::Aarch64),
        ("s390x", Arch::S390x),
    ];
}

/// One condition: everything that is given must hold. Empty lists and `None` mean "any".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arm {
    /// First version.
    pub since: Option<Version>,
    /// First version for which it no longer holds.
    pub until: Option<Version>,
    /// Builds.
    pub build: Vec<Build>,
    /// APIs.
    pub api: Vec<Api>,
    /// Least `Py_LIMITED_API`; says nothing about the full API.
    pub limited: Option<Version>,
    /// First `Py_LIMITED_API` for which it no longer holds; says nothing about the full API.
    pub limited_below: Option<Version>,
    /// Operating systems.
    pub os: Vec<Os>,
    /// Architectures.
    pub arch: Vec<Arch>,
    /// Where it is written; nowhere when it was made up here.
    pub span: Option<Span>,
}

/// Alternatives: holds when any arm does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    /// The alternatives. None at all means "never".
    pub arms: Vec<Arm>,
}

/// One way to compile an extension, or to run one: a point at which conditions are evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// The CPython whose headers are used, or that runs.
    pub version: Version,
    /// Its build. abi3t counts as free-threaded, as the headers define `Py_GIL_DISABLED` for it.
    pub build: Build,
    /// The API.
    pub api: Api,
    /// `Py_LIMITED_API`, outside the full API.
    pub limited: Option<Version>,
    /// The operating system.
    pub os: Os,
    /// The architecture.
    pub arch: Arch,
}

impl When {
    /// The condition that always holds.
    #[must_use]
    pub fn always() -> Self {
        When {
            arms: vec![Arm::default()],
        }
    }

    /// Whether it holds at a cell.
    #[must_use]
    pub fn holds(&self, cell: &Cell) -> bool {
        self.holding(cell).is_some()
    }

    /// The first arm that holds at a cell.
    #[must_use]
    pub fn holding(&self, cell: &Cell) -> Option<&Arm> {
        self.arms.iter().find(|arm| arm.holds(cell))
    }

    /// Whether it holds everywhere without looking.
    #[must_use]
    pub fn is_always(&self) -> bool {
        self.arms.iter().any(Arm::is_always)
    }
}

impl Arm {
    /// Whether nothing is given, so that it holds everywhere.
    #[must_use]
    pub fn is_always(&self) -> bool {
        *self
            == Arm {
                span: self.span,
                ..Arm::default()
            }
    }

    /// Whether it holds at a cell.
    #[must_use]
    pub fn holds(&self, cell: &Cell) -> bool {
        self.since.is_none_or(|since| cell.version >= since)
            && self.until.is_none_or(|until| cell.version < until)
            && one_of(&self.build, cell.build)
            && one_of(&self.api, cell.api)
            && one_of(&self.os, cell.os)
            && one_of(&self.arch, cell.arch)
            && cell.limited.is_none_or(|limited| {
                self.limited.is_none_or(|least| limited >= least)
                    && self.limited_below.is_none_or(|end| limited < end)
            })
    }
}

fn one_of<T: PartialEq>(allowed: &[T], value: T) -> bool {
    allowed.is_empty() || allowed.contains(&value)
}
