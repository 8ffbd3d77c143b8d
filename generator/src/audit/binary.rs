//! What is in an extension module: for each architecture, what it takes from CPython and the hooks
//! that it has for it.

use std::collections::BTreeSet;
use std::sync::Arc;

use object::FileKind;

use super::loading::Answer;
use super::machine::Machine;
use super::needed;
use super::slots::Declared;
use super::symbols::Symbols;
use super::unread::Unread;
use crate::model::when::Os;
use crate::observe::symbols::{self, Imports};

/// How hooks begin that every CPython calls.
const INIT: [&str; 2] = ["PyInit_", "PyInitU_"];
/// How hooks begin that CPython calls from 3.15 on.
const EXPORT: [&str; 2] = ["PyModExport_", "PyModExportU_"];

/// The functions by which names are looked up at run time.
const LOOK_UP: [&str; 3] = ["dlsym", "dlvsym", "GetProcAddress"];
/// How the names of CPython's begin.
const NAMES: [&str; 3] = ["Py", "_Py", "PY_"];
/// The functions that make types of slots, by the numbers of the headers that the module was compiled with.
const MAKE_TYPES: [&str; 4] = [
    "PyType_FromSpec",
    "PyType_FromSpecWithBases",
    "PyType_FromModuleAndSpec",
    "PyType_FromMetaclass",
];
/// The longest name that is believed.
const LONGEST: usize = 80;

/// One architecture of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binary {
    /// The system whose format it has.
    pub os: Os,
    /// The processor that it is for, of those that are known.
    pub machine: Option<Machine>,
    /// Its hooks.
    pub hooks: BTreeSet<Hook>,
    /// What it takes from others.
    pub imports: Imports,
    /// Of each CPython, in order, whether it loads the libraries of it that are in its wheel; nothing where there
    /// are none.
    pub of_libraries: Vec<Arc<Answer>>,
    /// What it has for others, of names like CPython's.
    pub gives: BTreeSet<String>,
    /// What it says in its slots.
    pub declared: Declared,
    /// The names of CPython's that it has as text, where it looks names up when it runs.
    pub looked_up: BTreeSet<String>,
}

/// A function that CPython calls to make a module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hook {
    /// Which of the two.
    pub kind: HookKind,
    /// The module that it makes.
    pub module: String,
}

/// Which function CPython looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HookKind {
    /// `PyInit_`, on every version.
    Init,
    /// `PyModExport_`, from 3.15 on.
    Export,
}

impl Hook {
    fn parse(symbol: &str) -> Option<Self> {
        let kinds = [(HookKind::Init, INIT), (HookKind::Export, EXPORT)];
        kinds.into_iter().find_map(|(kind, starts)| {
            let module = starts.iter().find_map(|start| symbol.strip_prefix(start))?;
            // Names that are not ASCII are spelled in ASCII there, and looked for in no other way.
            module.is_ascii().then(|| Hook {
                kind,
                module: module.to_owned(),
            })
        })
    }
}

/// The strings in a part of a file that begin like CPython's names, each after the end of another.
fn texts(data: &[u8]) -> impl Iterator<Item = String> + '_ {
    memchr::memmem::find_iter(data, b"Py").filter_map(|found| {
        let before = data.get(..found)?;
        let before = before.strip_suffix(b"_").unwrap_or(before);
        let is_first = before.is_empty() || before.ends_with(b"\0");
        let text = is_first.then(|| &data[before.len()..])?;
        let end = memchr::memchr(0, text.get(..LONGEST.min(text.len()))?)?;
        let name = std::str::from_utf8(&text[..end]).ok()?;
        Some(name.to_owned())
    })
}

impl Binary {
    /// Every architecture of a file that is named after a module. What is [`Unread`] of it need not be there.
    pub fn read(data: &[u8], module: &str) -> Result<Vec<Binary>, String> {
        let slices = symbols::slices(data)?.into_iter();
        slices.map(|slice| Binary::slice(slice, module)).collect()
    }

    fn slice(data: &[u8], module: &str) -> Result<Self, String> {
        let unread = Unread::of_file(data);
        let exports = symbols::of_bytes(data)?;
        let os = match FileKind::parse(data) {
            Ok(FileKind::Pe32 | FileKind::Pe64) => Os::Windows,
            Ok(FileKind::MachO32 | FileKind::MachO64) => Os::Macos,
            _ => Os::Linux,
        };
        let gives: BTreeSet<String> = (exports.names.keys())
            .filter(|name| is_like_pythons(name))
            .cloned()
            .collect();
        let hooks: BTreeSet<Hook> = gives.iter().filter_map(|name| Hook::parse(name)).collect();
        let imports = symbols::imports(data)?;
        let takes = |name: &str| imports.names.contains_key(name);
        let looks_up = LOOK_UP.iter().any(|name| takes(name));
        let known = |name: &str| {
            Symbols::known().names.contains_key(name)
                && !takes(name)
                && !exports.names.contains_key(name)
        };
        let looked_up = match looks_up {
            true => {
                let texts = unread.read(0, data).flat_map(|(_, part)| texts(part));
                texts.filter(|name| known(name)).collect()
            }
            false => BTreeSet::new(),
        };
        let declared = match hooks.is_empty() {
            true => Declared::NOTHING,
            false => {
                let has_export = hooks.iter().any(|hook| hook.kind == HookKind::Export);
                Declared::read(data, &unread, module, has_export, &takes)
            }
        };
        Ok(Binary {
            os,
            machine: Machine::of_file(data),
            hooks,
            imports,
            of_libraries: Vec::new(),
            gives,
            declared,
            looked_up,
        })
    }

    /// One of a system that has and takes nothing.
    #[cfg(test)]
    pub(super) fn of_nothing(os: Os) -> Self {
        Binary {
            os,
            machine: None,
            hooks: BTreeSet::new(),
            imports: Imports::default(),
            of_libraries: Vec::new(),
            gives: BTreeSet::new(),
            declared: Declared::NOTHING,
            looked_up: BTreeSet::new(),
        }
    }

    /// Whether it says at run time that it does without the GIL.
    #[must_use]
    pub fn sets_gil(&self) -> bool {
        self.imports.names.contains_key("PyUnstable_Module_SetGIL")
    }

    /// What its hooks say of it, in words.
    #[must_use]
    pub fn says(&self) -> String {
        let kinds: BTreeSet<HookKind> = self.hooks.iter().map(|hook| hook.kind).collect();
        let said = kinds.iter().map(|kind| match kind {
            HookKind::Init => ("by `PyInit_`", self.declared.init.words(self.sets_gil())),
            HookKind::Export => ("by `PyModExport_`", self.declared.export.words(false)),
        });
        match Vec::from_iter(said).as_slice() {
            [(_, init), (_, export)] if init == export => format!("by both hooks: {init}"),
            said => {
                let said = said.iter().map(|(by, words)| format!("{by}: {words}"));
                Vec::from_iter(said).join("; ")
            }
        }
    }

    /// The function by which a universal module makes types itself: what its slots are called then is not
    /// changed for the CPython that loads it.
    #[must_use]
    pub fn makes_types(&self) -> Option<&str> {
        let mut names = self.python_imports().map(|(name, _)| name);
        let found = names.find(|name| MAKE_TYPES.contains(name));
        found.filter(|_| self.declared.is_universal())
    }

    /// The names of CPython's that it takes, and whether it is loaded without them. What another library has
    /// is that one's, whatever it is called.
    pub fn python_imports(&self) -> impl Iterator<Item = (&str, bool)> {
        let names = self.imports.names.iter();
        let own = names.filter(|(name, import)| {
            is_like_pythons(name) && import.library.as_deref().is_none_or(needed::is_pythons)
        });
        own.map(|(name, import)| (name.as_str(), import.is_optional))
    }
}

fn is_like_pythons(name: &str) -> bool {
    NAMES.iter().any(|start| name.starts_with(start))
}
