//! What the members of a wheel give to each other: a module's libraries are loaded before it, and what
//! they have it does not take from CPython.

use std::collections::{BTreeMap, BTreeSet};

use super::binary::Hook;
use super::module::Module;
use crate::model::when::Os;

/// The most steps from one library to another for one file. Wheels have a few hundred, and a thousand files
/// that all need each other would take a billion.
const MOST_STEPS: usize = 1 << 16;

/// What one file has for those that need it, and which of the others it needs itself.
#[derive(Default)]
struct Library {
    gives: BTreeSet<String>,
    hooks: BTreeSet<Hook>,
    needs: BTreeSet<usize>,
}

/// All files that another one needs.
pub(super) struct Libraries {
    /// The place in the list by the name by which it is needed.
    by_name: BTreeMap<String, usize>,
    all: Vec<Library>,
    /// What the hooks of all files should be called after.
    modules: BTreeSet<String>,
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
        let all = files_of.values().map(|files| {
            let mut libraries = files.iter().map(|file| Library::of(file, &by_name));
            let first = libraries.next().unwrap_or_default();
            // Which of two with the same name is loaded is not known.
            libraries.fold(first, Library::meet)
        });
        Libraries {
            all: all.collect(),
            modules: files.iter().map(|(_, file)| file.hook()).collect(),
            by_name,
        }
    }

    /// Whether a member is one of them, and its hooks, if it has any, are those of other members.
    pub(super) fn has(&self, member: &str, file: &Module) -> bool {
        let own = file.hook();
        let mut hooks = file.binaries.iter().flat_map(|binary| &binary.hooks);
        self.by_name.contains_key(last(member))
            && hooks.all(|hook| hook.module != own && self.modules.contains(&hook.module))
    }

    /// Leaves to a file what it takes from CPython, and adds the hooks that a CPython finds through it:
    /// those of its libraries, where the system looks there too.
    pub(super) fn link(&self, file: &mut Module) {
        let own = file.hook();
        for binary in &mut file.binaries {
            for library in self.loaded_with(&binary.imports.needed) {
                for name in &library.gives {
                    binary.imports.names.remove(name);
                }
                let hooks = library.hooks.iter().filter(|hook| hook.module == own);
                if binary.os != Os::Windows {
                    binary.hooks.extend(hooks.cloned());
                }
            }
        }
    }

    /// Those that are needed, and those that they need themselves.
    fn loaded_with(&self, needed: &BTreeSet<String>) -> Vec<&Library> {
        let needed = needed.iter().map(|name| last(name));
        let mut left = Vec::from_iter(needed.filter_map(|name| self.by_name.get(name).copied()));
        let mut seen = vec![false; self.all.len()];
        let (mut loaded, mut steps) = (Vec::new(), 0);
        while let Some(index) = left.pop() {
            if std::mem::replace(&mut seen[index], true) {
                continue;
            }
            let library = &self.all[index];
            loaded.push(library);
            steps += library.needs.len();
            if steps <= MOST_STEPS {
                left.extend(library.needs.iter().filter(|one| !seen[**one]));
            }
        }
        loaded
    }
}

impl Library {
    fn of(file: &Module, places: &BTreeMap<String, usize>) -> Self {
        let mut library = Library::default();
        for binary in &file.binaries {
            let needs = binary.imports.needed.iter();
            let needs = needs.filter_map(|name| places.get(last(name)).copied());
            library.gives.extend(binary.gives.iter().cloned());
            library.hooks.extend(binary.hooks.iter().cloned());
            library.needs.extend(needs);
        }
        library
    }

    /// What both have.
    fn meet(self, other: Library) -> Self {
        Library {
            gives: &self.gives & &other.gives,
            hooks: &self.hooks & &other.hooks,
            needs: &self.needs & &other.needs,
        }
    }
}

/// The last part of a path.
pub(super) fn last(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
