//! What the members of a wheel give to each other: a module's libraries are loaded before it, and what
//! they have it does not take from CPython.

use std::collections::{BTreeMap, BTreeSet};

use super::binary::Hook;
use super::module::Module;
use crate::model::when::Os;

/// How many steps from library to library are taken for one file. No wheel has as many, and each of a
/// thousand files that need each other would take a million.
const MOST_STEPS: usize = 1 << 12;

/// What one file has for those that need it, and whom it needs itself.
#[derive(Default)]
struct Library {
    gives: BTreeSet<String>,
    hooks: BTreeSet<Hook>,
    needs: BTreeSet<String>,
}

/// All files that another one needs, by the name by which it does.
pub(super) struct Libraries {
    by_name: BTreeMap<String, Library>,
}

impl Libraries {
    /// Those among the members of a wheel.
    pub(super) fn of(files: &[(&str, Module)]) -> Self {
        let binaries = files.iter().flat_map(|(_, file)| &file.binaries);
        let needed = binaries.flat_map(|binary| &binary.imports.needed);
        let needed: BTreeSet<&str> = needed.map(|library| last(library)).collect();
        let mut by_name: BTreeMap<String, Library> = BTreeMap::new();
        for (member, file) in files {
            if !needed.contains(last(member)) {
                continue;
            }
            let library = by_name.entry(last(member).to_owned()).or_default();
            for binary in &file.binaries {
                let needs = binary.imports.needed.iter();
                library.gives.extend(binary.gives.iter().cloned());
                library.hooks.extend(binary.hooks.iter().cloned());
                library
                    .needs
                    .extend(needs.map(|name| last(name).to_owned()));
            }
        }
        Libraries { by_name }
    }

    /// Whether a member is one of them, and has no hook of its own name: others have their hooks there.
    pub(super) fn has(&self, member: &str, file: &Module) -> bool {
        let own = file.hook();
        let mut hooks = file.binaries.iter().flat_map(|binary| &binary.hooks);
        self.by_name.contains_key(last(member)) && hooks.all(|hook| hook.module != own)
    }

    /// Leaves to a file what it takes from CPython, and adds the hooks that a CPython finds through it:
    /// those of its libraries, where the system looks there too.
    pub(super) fn link(&self, file: &mut Module) {
        for binary in &mut file.binaries {
            for library in self.all(&binary.imports.needed) {
                binary
                    .imports
                    .names
                    .retain(|name, _| !library.gives.contains(name));
                if binary.os != Os::Windows {
                    binary.hooks.extend(library.hooks.iter().cloned());
                }
            }
        }
    }

    /// Those that are needed, and those that they need themselves.
    fn all(&self, needed: &BTreeSet<String>) -> Vec<&Library> {
        let mut left = Vec::from_iter(needed.iter().map(|name| last(name)));
        let mut seen = BTreeSet::new();
        let mut all = Vec::new();
        for _ in 0..MOST_STEPS {
            let Some(name) = left.pop() else {
                break;
            };
            if let (true, Some(library)) = (seen.insert(name), self.by_name.get(name)) {
                left.extend(library.needs.iter().map(String::as_str));
                all.push(library);
            }
        }
        all
    }
}

/// The last part of a path.
pub(super) fn last(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
