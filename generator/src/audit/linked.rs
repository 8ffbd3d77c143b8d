//! What the members of a wheel give to each other: a module's libraries are loaded before it. What they
//! have it does not take from CPython, and what they lack it does not load without.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::binary::Hook;
use super::loading::{self, Answer};
use super::module::{Claim, Module};
use super::symbols::Symbols;
use crate::model::when::Os;

/// The most libraries and names that are gone through for all files of a wheel. Wheels have some hundred
/// thousand at most, and a thousand files that all need each other would take a billion.
const MOST_STEPS: usize = 1 << 21;

/// What one file has for those that need it, and what it needs itself.
#[derive(Default)]
struct Library {
    gives: BTreeSet<String>,
    hooks: BTreeSet<Hook>,
    /// Of each CPython, in order, whether it loads it.
    answers: Vec<Arc<Answer>>,
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
    /// How many more steps may be taken.
    steps: usize,
}

impl Libraries {
    /// Those among the members of a wheel, which from here on take from CPython what no member has.
    pub(super) fn of(files: &mut [(&str, Module)]) -> Self {
        let needed: BTreeSet<String> = (files.iter())
            .flat_map(|(_, file)| &file.binaries)
            .flat_map(|binary| &binary.imports.needed)
            .map(|library| last(library).to_owned())
            .collect();
        leave_to_others(files, &needed);
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

    /// Leaves to a file what it takes from CPython, and adds what its libraries do: the hooks that a CPython
    /// finds through them, where the system looks there too, and who does not load them.
    pub(super) fn link(&mut self, file: &mut Module) -> Result<(), String> {
        let own = file.hook();
        for binary in &mut file.binaries {
            let loaded = self.loaded_with(&binary.imports.needed);
            let loaded = loaded.ok_or_else(|| {
                format!("the libraries that members need have more than {MOST_STEPS} names in all")
            })?;
            for index in &loaded {
                let library = &self.all[*index];
                for name in &library.gives {
                    binary.imports.names.remove(name);
                }
                let hooks = library.hooks.iter().filter(|hook| hook.module == own);
                if binary.os != Os::Windows {
                    binary.hooks.extend(hooks.cloned());
                }
                binary
                    .of_libraries
                    .resize_with(library.answers.len(), Arc::default);
                for (worst, answer) in binary.of_libraries.iter_mut().zip(&library.answers) {
                    if answer > worst {
                        *worst = Arc::clone(answer);
                    }
                }
            }
            file.libraries.extend(loaded);
        }
        Ok(())
    }

    /// What is promised of each by the files that load it, of all that is promised; nothing of others.
    pub(super) fn claims<'a>(
        &self,
        all: &Claim,
        files: impl Iterator<Item = (&'a Module, Claim)>,
    ) -> BTreeMap<&str, Claim> {
        let mut claims = vec![all.of_nobody(); self.all.len()];
        for (file, claim) in files {
            for index in &file.libraries {
                claims[*index].absorb(&claim);
            }
        }
        // Places go by the order of names.
        self.by_name
            .keys()
            .map(String::as_str)
            .zip(claims)
            .collect()
    }

    /// Those that are needed, and those that they need themselves; nothing where that takes too long.
    fn loaded_with(&mut self, needed: &BTreeSet<String>) -> Option<BTreeSet<usize>> {
        let needed = needed.iter().map(|name| last(name));
        let mut left = Vec::from_iter(needed.filter_map(|name| self.by_name.get(name).copied()));
        let mut seen = BTreeSet::new();
        while let Some(index) = left.pop() {
            if seen.insert(index) {
                let library = &self.all[index];
                let steps = 1 + library.needs.len() + library.gives.len();
                self.steps = self.steps.checked_sub(steps)?;
                left.extend(library.needs.iter().filter(|one| !seen.contains(one)));
            }
        }
        Some(seen)
    }
}

impl Library {
    fn of(file: &Module, places: &BTreeMap<String, usize>) -> Self {
        let symbols = Symbols::known();
        let answers = symbols.runtimes.keys();
        let answers = answers.map(|one| Arc::new(loading::of_library(file, *one, symbols)));
        let mut library = Library {
            answers: answers.collect(),
            ..Library::default()
        };
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
        let answers = self.answers.into_iter().zip(other.answers);
        Library {
            gives: &self.gives & &other.gives,
            hooks: &self.hooks & &other.hooks,
            answers: answers.map(|(one, two)| one.min(two)).collect(),
            needs: &self.needs & &other.needs,
        }
    }
}

/// Leaves to files that are needed what they take from CPython and not from any file: what else loads them may
/// have it, as a module has.
fn leave_to_others(files: &mut [(&str, Module)], needed: &BTreeSet<String>) {
    let binaries = files.iter().flat_map(|(_, file)| &file.binaries);
    let given: BTreeSet<&str> = binaries
        .flat_map(|binary| binary.gives.iter().map(String::as_str))
        .collect();
    let found = files.iter().map(|(member, file)| {
        let binaries = file.binaries.iter();
        let binaries = binaries.filter(|_| needed.contains(last(member)));
        let names = binaries.flat_map(|binary| binary.imports.names.keys());
        let names = names.filter(|name| given.contains(name.as_str()));
        Vec::from_iter(names.cloned())
    });
    let found = Vec::from_iter(found);
    for ((_, file), names) in files.iter_mut().zip(found) {
        for binary in &mut file.binaries {
            for name in &names {
                binary.imports.names.remove(name);
            }
        }
    }
}

/// The last part of a path.
pub(super) fn last(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::{Libraries, Library};
    use crate::audit::binary::Binary;
    use crate::audit::claim::FileName;
    use crate::audit::module::Module;
    use crate::model::when::Os;

    /// A module that needs a library.
    fn module() -> Module {
        let mut binary = Binary::of_nothing(Os::Linux);
        binary.imports.needed.insert("libdemo.so".to_owned());
        Module {
            path: "demo.abi3.so".to_owned(),
            name: FileName::parse("demo.abi3.so").expect("a module's name"),
            binaries: vec![binary],
            libraries: BTreeSet::new(),
        }
    }

    #[test]
    fn what_all_files_need_is_gone_through_so_often_and_no_more() {
        let library = Library {
            gives: BTreeSet::from(["PyDemo_New".to_owned()]),
            ..Library::default()
        };
        let mut libraries = Libraries {
            by_name: BTreeMap::from([("libdemo.so".to_owned(), 0)]),
            all: vec![library],
            modules: BTreeSet::new(),
            steps: 3,
        };
        // The library and its name are two steps.
        let mut first = module();
        assert_eq!(libraries.link(&mut first), Ok(()));
        assert_eq!(first.libraries, BTreeSet::from([0]));
        let refused = libraries.link(&mut module()).expect_err("one is left");
        assert!(refused.contains("more than"), "{refused}");
    }
}
