//! The files of one module: a wheel may have one for each build, and each CPython takes the first of them
//! that is in its list of suffixes.

use std::collections::BTreeMap;

use super::claim::Suffix;
use super::machine::Machine;
use super::module::{Claim, Module};
use super::runtime::Runtime;
use super::symbols::Symbols;
use crate::model::when::Os;

type Platform = (Os, Option<Machine>);

/// All of them for one system and processor.
pub(super) struct Group {
    /// Where the module is, and its name.
    pub(super) name: String,
    /// One at least.
    pub(super) files: Vec<Module>,
}

impl Group {
    /// Puts files together, each with the name of its module.
    pub(super) fn all(files: Vec<(String, Module)>) -> Vec<Group> {
        let mut groups: BTreeMap<(String, Option<Platform>), Vec<Module>> = BTreeMap::new();
        for (name, module) in files {
            let platform = module.binaries.first().map(|binary| match binary.os {
                // Some of its files may be for two processors.
                Os::Macos => (binary.os, None),
                _ => (binary.os, binary.machine),
            });
            groups.entry((name, platform)).or_default().push(module);
        }
        let groups = groups.into_iter();
        groups
            .map(|((name, _), files)| Group { name, files })
            .collect()
    }

    /// Which of the files a CPython takes.
    pub(super) fn taken(&self, runtime: Runtime, symbols: &Symbols) -> Option<usize> {
        let places = self.files.iter().enumerate();
        let places =
            places.filter_map(|(index, file)| Some((file.place(runtime, symbols)?, index)));
        places.min().map(|(_, index)| index)
    }

    /// The file that is to blame where a CPython takes none.
    fn first(&self) -> usize {
        let is_ours = |file: &Module| !matches!(file.name.suffix, Suffix::Other(_));
        self.files.iter().position(is_ours).unwrap_or_default()
    }

    /// The file that is judged for a CPython.
    pub(super) fn judged(&self, runtime: Runtime, symbols: &Symbols) -> &Module {
        let taken = self.taken(runtime, symbols);
        &self.files[taken.unwrap_or_else(|| self.first())]
    }

    /// What is claimed of one file, of all that is claimed of the module.
    pub(super) fn claim(&self, file: &Module, all: &Claim, symbols: &Symbols) -> Claim {
        if self.files.len() == 1 {
            return all.clone();
        }
        let mut claim = all.clone();
        let is_judged = |one: &Runtime| std::ptr::eq(self.judged(*one, symbols), file);
        claim.promised.retain(is_judged);
        if let Suffix::Version(version) = file.name.suffix {
            (claim.abi3, claim.abi3t) = (false, false);
            claim.versions.insert(version);
            claim.floor = Some(version.version);
        } else {
            claim.abi3 &= claim.promised.iter().any(|one| !one.is_free_threaded());
            claim.abi3t &= claim.promised.iter().any(|one| one.is_free_threaded());
        }
        claim
    }
}
