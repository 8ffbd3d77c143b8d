//! One extension module, and what is claimed of it.

use std::collections::BTreeSet;

use super::binary::Binary;
use super::claim::{Abi, FileName, Suffix, Tag};
use super::runtime::Runtime;
use super::symbols::Symbols;
use crate::model::version::Version;
use crate::model::when::Os;

/// A file that is named like a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Where it is: a path, or a member of a wheel.
    pub path: String,
    /// What its name says.
    pub name: FileName,
    /// Its architectures.
    pub binaries: Vec<Binary>,
}

/// What is promised of modules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claim {
    /// The stable ABI of GIL-enabled builds is kept.
    pub abi3: bool,
    /// That of free-threaded builds is kept.
    pub abi3t: bool,
    /// The least version that is promised, where somebody says.
    pub floor: Option<Version>,
    /// Who is promised to load them, of those that are known. Empty where nobody says.
    pub promised: BTreeSet<Runtime>,
    /// Whose own ABI is kept.
    pub versions: BTreeSet<Runtime>,
    /// The systems that are promised. Empty where nobody says.
    pub systems: BTreeSet<Os>,
}

impl Claim {
    /// Of a wheel, by its tags. A tag without an ABI, such as `py3-none`, promises something of modules
    /// where there are modules to be imported.
    #[must_use]
    pub fn of_tags(tags: &BTreeSet<Tag>, has_modules: bool, symbols: &Symbols) -> Self {
        let promising = tags.iter().filter(|tag| has_modules || tag.abi().is_some());
        let promising = Vec::from_iter(promising);
        let is_promised = |one: &&Runtime| promising.iter().any(|tag| tag.is_for(**one));
        let promised = symbols.runtimes.keys().filter(is_promised);
        let mut claim = Claim {
            systems: tags.iter().filter_map(Tag::os).collect(),
            promised: promised.copied().collect(),
            ..Claim::default()
        };
        for abi in tags.iter().filter_map(Tag::abi) {
            let floor = match abi {
                Abi::Abi3(since) => {
                    claim.abi3 = true;
                    since
                }
                Abi::Abi3t(since) => {
                    claim.abi3t = true;
                    since
                }
                Abi::Version(runtime) => {
                    claim.versions.insert(runtime);
                    runtime.version
                }
            };
            claim.floor = Some(claim.floor.map_or(floor, |known| known.min(floor)));
        }
        claim
    }

    /// Of a file by itself, by its suffix.
    #[must_use]
    pub fn of_suffix(suffix: &Suffix) -> Self {
        let mut claim = Claim::default();
        match suffix {
            Suffix::Abi3 | Suffix::Abi3Platform => claim.abi3 = true,
            Suffix::Abi3t | Suffix::Abi3tPlatform => claim.abi3t = true,
            Suffix::Version(runtime) => {
                claim.promised.insert(*runtime);
                claim.versions.insert(*runtime);
                claim.floor = Some(runtime.version);
            }
            Suffix::Bare | Suffix::Other(_) => {}
        }
        claim
    }

    /// Whether files for a system are what is promised.
    #[must_use]
    pub fn is_for(&self, os: Os) -> bool {
        self.systems.is_empty() || self.systems.contains(&os)
    }

    /// Whether a stable ABI is claimed, and with it every later version.
    #[must_use]
    pub fn is_stable(&self) -> bool {
        self.abi3 || self.abi3t
    }
}

impl Module {
    /// The place of its suffix in a CPython's list, where it looks for it.
    #[must_use]
    pub fn place(&self, runtime: Runtime, symbols: &Symbols) -> Option<usize> {
        let looks_for = symbols.runtimes.get(&runtime);
        let looks_for = looks_for.map_or(&[][..], Vec::as_slice);
        let mut places = (self.binaries.iter())
            .map(|binary| self.name.suffix.place(runtime, looks_for, binary.os));
        places.next().flatten()
    }

    /// Whether it is a library that something else than an import loads: it has no hook, and takes
    /// nothing from CPython.
    #[must_use]
    pub fn is_library(&self) -> bool {
        let mut binaries = self.binaries.iter();
        binaries.all(|binary| binary.hooks.is_empty() && binary.python_imports().next().is_none())
    }

    /// Whether it is one at all: a library may have the bare suffix, too.
    #[must_use]
    pub fn is_module(&self) -> bool {
        let is_windows = self.path.ends_with(".pyd");
        let hooks = |binary: &Binary| !binary.hooks.is_empty();
        is_windows || self.name.suffix != Suffix::Bare || self.binaries.iter().any(hooks)
    }
}
