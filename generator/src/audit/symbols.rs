//! Which names each observed CPython exports, since when they are in the stable ABI, and which
//! suffixes it looks for: what an audit knows. `cargo xtask symbols` observes it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::OnceLock;

use super::runtime::Runtime;
use crate::model::version::Version;
use crate::model::when::Os;
use crate::surface::label::Labels;

/// How the file begins.
const HEAD: &str = "pyshim symbols 1";
/// What was observed, and is compiled in.
const OBSERVED: &str = include_str!("data/symbols.txt");

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Symbols {
    /// The suffixes of extension modules that each CPython looks for, in its order, on the platform where
    /// it was observed.
    pub runtimes: BTreeMap<Runtime, Vec<String>>,
    /// By name.
    pub names: BTreeMap<String, Name>,
}

/// One name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    /// The CPython whose stable ABI it joined; the oldest that was observed for those before it.
    pub stable: Option<Version>,
    /// Who exports it.
    pub exported: BTreeSet<Runtime>,
}

impl Symbols {
    /// What is known. It is read once.
    pub fn known() -> &'static Symbols {
        static KNOWN: OnceLock<Symbols> = OnceLock::new();
        KNOWN.get_or_init(|| Symbols::parse(OBSERVED).unwrap_or_default())
    }

    /// The newest version that was observed.
    #[must_use]
    pub fn newest(&self) -> Option<Version> {
        self.runtimes.keys().map(|runtime| runtime.version).max()
    }

    /// The version from which on `PyModExport_` is called: the one that has what it came with.
    #[must_use]
    pub fn calls_export_since(&self) -> Option<Version> {
        self.names.get("PyModule_FromSlotsAndSpec")?.stable
    }

    /// Whether a CPython exports a name; nothing where that is not known.
    #[must_use]
    pub fn exports(&self, name: &str, runtime: Runtime, os: Os) -> Option<bool> {
        let known = self.names.get(name)?;
        match known.exported.is_empty() {
            false => Some(known.exported.contains(&runtime)),
            true if os == Os::Windows => known.is_promised(name, runtime).then_some(true),
            true => Some(false),
        }
    }

    /// Reads what [`Symbols::write`] has written; or says which line is not understood.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut symbols = Symbols::default();
        let mut labels = Labels::default();
        for line in text.lines().skip(1) {
            let wrong = || format!("`{line}` is not understood");
            let (name, facts) = line.split_once(' ').ok_or_else(wrong)?;
            if name == "python" {
                let (label, suffixes) = facts.split_once(' ').ok_or_else(wrong)?;
                let runtime = Runtime::parse(label).ok_or_else(wrong)?;
                let suffixes = suffixes.split(' ').map(str::to_owned).collect();
                symbols.runtimes.insert(runtime, suffixes);
                labels.add(label.to_owned());
                continue;
            }
            let (stable, exported) = facts.split_once("exported ").ok_or_else(wrong)?;
            let stable = stable.trim_end().strip_prefix("stable ");
            let exported = labels.expand(exported.split(' ')).map_err(|_| wrong())?;
            let name_of = Name {
                stable: stable.and_then(Version::parse),
                exported: (exported.iter())
                    .filter_map(|label| Runtime::parse(label))
                    .collect(),
            };
            symbols.names.insert(name.to_owned(), name_of);
        }
        match text.starts_with(HEAD) {
            true => Ok(symbols),
            false => Err(format!("a file of symbols begins with `{HEAD}`")),
        }
    }

    /// One line for each CPython and each name.
    #[must_use]
    pub fn write(&self) -> String {
        let mut text = format!("{HEAD}\n");
        let mut labels = Labels::default();
        for (runtime, suffixes) in &self.runtimes {
            let _ = writeln!(text, "python {runtime} {}", suffixes.join(" "));
            labels.add(runtime.to_string());
        }
        for (name, known) in &self.names {
            let stable = known.stable.map(|since| format!("stable {since} "));
            let exported = Vec::from_iter(known.exported.iter().map(Runtime::to_string));
            let stable = stable.unwrap_or_default();
            let _ = writeln!(
                text,
                "{name} {stable}exported {}",
                labels.shorten(&exported)
            );
        }
        text
    }
}

impl Name {
    /// Whether the stable ABI says that a CPython for Windows has a name that none for Linux has, which were
    /// observed. Its private names of that kind are those of debug builds.
    fn is_promised(&self, name: &str, runtime: Runtime) -> bool {
        let is_stable = self.stable.is_some_and(|since| since <= runtime.version);
        is_stable && !name.starts_with('_')
    }
}

#[cfg(test)]
mod tests {
    use super::{OBSERVED, Os, Runtime, Symbols};

    /// The snapshots that are committed have some of the names, and who exports them.
    #[test]
    fn what_is_compiled_in_agrees_with_the_snapshots() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../abi/observed");
        let observed = crate::read_observed(&root).expect("the snapshots can be read");
        let (symbols, mut compared) = (Symbols::known(), 0);
        for one in &observed {
            let runtime = Runtime::parse(&one.label).expect("a label");
            for (name, item) in &one.surface.items {
                let Some(places) = &item.exported else {
                    continue;
                };
                let known = symbols.names.get(name);
                let exports = known.is_some_and(|known| known.exported.contains(&runtime));
                assert_eq!(
                    exports,
                    !places.is_empty(),
                    "{name} on {runtime}: run `cargo xtask symbols`"
                );
                compared += 1;
            }
        }
        assert!(compared > 1000, "{compared} names were compared");
    }

    #[test]
    fn what_only_windows_has_is_there_since_it_is_stable() {
        let text = "pyshim symbols 1\npython 3.8 .so\npython 3.9 .so\npython 3.9t .so\n\
                    PyErr_A stable 3.8 exported nowhere\nPyErr_B stable 3.9 exported nowhere\n\
                    _Py_C stable 3.8 exported nowhere\n";
        let symbols = Symbols::parse(text).expect("it is understood");
        for (name, os, known) in [
            ("PyErr_A", Os::Windows, [Some(true), Some(true), Some(true)]),
            ("PyErr_B", Os::Windows, [None, Some(true), Some(true)]),
            ("_Py_C", Os::Windows, [None, None, None]),
            ("PyErr_A", Os::Linux, [Some(false); 3]),
            ("PyErr_D", Os::Windows, [None, None, None]),
        ] {
            let runtimes = symbols.runtimes.keys();
            let answers = runtimes.map(|runtime| symbols.exports(name, *runtime, os));
            assert_eq!(Vec::from_iter(answers), known, "{name} on {os:?}");
        }
    }

    #[test]
    fn what_is_compiled_in_is_read_and_written_back() {
        let symbols = Symbols::parse(OBSERVED).expect("it is understood");
        assert_eq!(symbols.write(), OBSERVED);
        assert_eq!(&symbols, Symbols::known());
    }
}
