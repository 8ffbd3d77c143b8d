//! What the members of a wheel give to each other: a module's libraries are loaded before it. What they
//! have it does not take from CPython, and what they take it does not load without.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::binary::Hook;
use super::module::Module;
use super::needed;
use super::symbols::Symbols;
use crate::model::when::Os;

/// The most libraries and names that are looked at for all files of a wheel. Wheels have some hundred
/// thousand at most, and a thousand files that all need each other would take a billion.
const MOST_STEPS: usize = 1 << 20;

/// What one file has for those that need it, and what it needs itself.
#[derive(Default)]
struct Library {
    name: Arc<str>,
    gives: BTreeSet<String>,
    hooks: BTreeSet<Hook>,
    /// The names of CPython's without which it is not loaded. Others may come from anywhere.
    takes: BTreeSet<&'static str>,
    /// The libraries of CPython's.
    pythons: BTreeSet<String>,
    /// Those of the other members.
    needs: BTreeSet<usize>,
}

/// All files that another one needs.
pub(super) struct Libraries {
    /// The place in the list by the name by which it is needed.
    by_name: BTreeMap<String, usize>,
    all: Vec<Library>,
    /// What the hooks of all files should be called after.
    modules: BTreeSet<String>,
    /// How much more may be looked at.
    steps: usize,
}

impl Libraries {
    /// Those among the members of a wheel.
    pub(super) fn of(files: &[(&str, Module)]) -> Self {
        let binaries = files.iter().flat_map(|(_, file)| &file.binaries);
        let needed = binaries.flat_map(|binary| &binary.imports.needed);
        let needed: BTreeSet<&str> = needed.map(|library| last(library)).collect();
        let is_needed = |(member, _): &&(&str, Module)| needed.contains(last(member));
        let mut files_of: BTreeMap<&str, Vec<&Module>> = BTreeMap::new();
        for (member, file) in files.iter().filter(is_needed) {
            files_of.entry(last(member)).or_default().push(file);
        }
        let names = files_of.keys().enumerate();
        let by_name: BTreeMap<String, usize> = names
            .map(|(index, name)| ((*name).to_owned(), index))
            .collect();
        let all = files_of.iter().map(|(name, files)| {
            let mut libraries = files.iter().map(|file| Library::of(name, file, &by_name));
            let first = libraries.next().unwrap_or_default();
            // Which of two with the same name is loaded is not known.
            libraries.fold(first, Library::meet)
        });
        Libraries {
            all: all.collect(),
            modules: files.iter().map(|(_, file)| file.hook()).collect(),
            by_name,
            steps: MOST_STEPS,
        }
    }

    /// Whether a member is one of them, and its hooks, if it has any, are those of other members.
    pub(super) fn has(&self, member: &str, file: &Module) -> bool {
        let own = file.hook();
        let mut hooks = file.binaries.iter().flat_map(|binary| &binary.hooks);
        self.by_name.contains_key(last(member))
            && hooks.all(|hook| hook.module != own && self.modules.contains(&hook.module))
    }

    /// Leaves to a file what it takes from CPython, itself or through its libraries, and adds the hooks
    /// that a CPython finds through them, where the system looks there too.
    pub(super) fn link(&mut self, file: &mut Module) -> Result<(), String> {
        let own = file.hook();
        for binary in &mut file.binaries {
            let loaded = self.loaded_with(&binary.imports.needed);
            let loaded = loaded.ok_or_else(|| {
                format!("the libraries that members need have more than {MOST_STEPS} names in all")
            })?;
            for library in &loaded {
                for name in &library.gives {
                    binary.imports.names.remove(name);
                }
                let hooks = library.hooks.iter().filter(|hook| hook.module == own);
                if binary.os != Os::Windows {
                    binary.hooks.extend(hooks.cloned());
                }
                binary
                    .imports
                    .needed
                    .extend(library.pythons.iter().cloned());
            }
            let is_given = |name: &str| loaded.iter().any(|library| library.gives.contains(name));
            for library in &loaded {
                let takes = library.takes.iter().filter(|name| !is_given(name));
                let takes = takes.map(|name| (*name, Arc::clone(&library.name)));
                binary.of_libraries.extend(takes);
            }
        }
        Ok(())
    }

    /// Those that are needed, and those that they need themselves; nothing where that takes too long.
    fn loaded_with(&mut self, needed: &BTreeSet<String>) -> Option<Vec<&Library>> {
        let needed = needed.iter().map(|name| last(name));
        let mut left = Vec::from_iter(needed.filter_map(|name| self.by_name.get(name).copied()));
        let mut seen = BTreeSet::new();
        while let Some(index) = left.pop() {
            if seen.insert(index) {
                let library = &self.all[index];
                self.steps = self.steps.checked_sub(library.steps())?;
                left.extend(library.needs.iter().filter(|one| !seen.contains(one)));
            }
        }
        Some(seen.iter().map(|index| &self.all[*index]).collect())
    }
}

impl Library {
    fn of(name: &str, file: &Module, places: &BTreeMap<String, usize>) -> Self {
        let mut library = Library {
            name: name.into(),
            ..Library::default()
        };
        for binary in &file.binaries {
            let needs = binary.imports.needed.iter();
            let needs = needs.filter_map(|name| places.get(last(name)).copied());
            let hard = binary.python_imports().filter(|import| !import.is_optional);
            let known = hard.filter_map(|import| Symbols::known().name(import.name));
            let pythons = needed::libraries(binary).map(|(name, _)| name.to_owned());
            library.takes.extend(known);
            library.pythons.extend(pythons);
            library.gives.extend(binary.gives.iter().cloned());
            library.hooks.extend(binary.hooks.iter().cloned());
            library.needs.extend(needs);
        }
        library
    }

    /// How much there is to look at.
    fn steps(&self) -> usize {
        1 + self.needs.len() + self.gives.len() + self.takes.len() + self.pythons.len()
    }

    /// What both have.
    fn meet(self, other: Library) -> Self {
        Library {
            name: self.name,
            gives: &self.gives & &other.gives,
            hooks: &self.hooks & &other.hooks,
            takes: &self.takes & &other.takes,
            pythons: &self.pythons & &other.pythons,
            needs: &self.needs & &other.needs,
        }
    }
}

/// The last part of a path.
fn last(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
