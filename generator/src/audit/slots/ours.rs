//! A module that `PYSHIM_MODULE` declares: what it says, and what it was compiled as. Its definition and
//! CPython's slots are made of that when it is loaded, in the way of the CPython that loads it.

use super::known::Known;
use super::{Gil, known::MODULE};
use crate::audit::runtime::Runtime;
use crate::model::version::Version;
use crate::model::when::Build;

/// What one says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ours {
    /// On what it relies to do without the GIL, as bits; nothing where that is not said.
    pub gil: Option<u64>,
    /// Which interpreters may import it, as CPython's slot has it.
    pub interpreters: Option<u64>,
    /// How it was compiled, as bits.
    pub flags: u64,
    /// The version of the headers, as in `PY_VERSION_HEX`.
    pub python: u64,
    /// The oldest CPython, the same; 0 in the full API, and where no headers were read.
    pub limited: u64,
    /// Why its C core refuses the slots, for the first that it does.
    pub wrong: Option<Wrong>,
}

/// What is wrong with a slot of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// There is another one.
    Twice(u64),
    /// It is NULL, and what fills the module is not.
    Null(u64),
}

/// The kinds that may be there several times; each is a function or a type.
const SEVERAL: [&str; 2] = ["EXEC", "TYPE"];

impl Ours {
    /// Takes in a slot, whose value may be no number but an address.
    pub(super) fn say(&mut self, kind: u64, name: &str, number: Option<u64>, is_twice: bool) {
        let is_several = SEVERAL.contains(&name);
        let wrong = match number {
            _ if is_twice && !is_several => Some(Wrong::Twice(kind)),
            Some(0) if is_several => Some(Wrong::Null(kind)),
            _ => None,
        };
        self.wrong = self.wrong.or(wrong);
        match name {
            "GIL" => self.gil = number,
            "INTERPRETERS" => self.interpreters = number,
            _ => {}
        }
    }

    /// Why no CPython loads it.
    pub(super) fn misused(&self) -> Option<String> {
        let (kind, what) = match self.wrong? {
            Wrong::Twice(kind) => (kind, "is there twice"),
            Wrong::Null(kind) => (kind, "is NULL"),
        };
        let name = Known::observed().our_kind(kind).unwrap_or_default();
        Some(format!("the slot `PYSHIM_SLOT_{name}` {what}"))
    }

    /// Whether the module does without the GIL on the free-threaded builds that are known, whose critical
    /// sections lock.
    pub(super) fn gil(&self, known: &Known) -> Gil {
        match self.gil {
            None => Gil::Unsaid,
            Some(bits) if bits & known.our("pyshim_mod_gil.sections") != 0 => Gil::NotUsed,
            Some(_) => Gil::Used,
        }
    }

    /// Whether CPython's headers were read, which hide layouts from what is for either build. Bindings in
    /// Rust have none, and code beside them may know layouts.
    #[must_use]
    pub fn has_headers(&self) -> bool {
        self.python != 0
    }

    /// Whether its definition is laid out when it is loaded, so that builds of either kind may do that.
    #[must_use]
    pub fn is_for_either_build(&self) -> bool {
        self.is("opaque")
    }

    /// Whether it was compiled in a way that has a bit of `pyshim_build_flags`.
    pub(super) fn is(&self, bit: &str) -> bool {
        self.flags & Known::observed().our(&format!("pyshim_build_flags.{bit}")) != 0
    }

    /// What it was compiled for, where that is not a CPython: the import raises ImportError there.
    #[must_use]
    pub fn refuses(&self, runtime: Runtime) -> Option<String> {
        let build = match self.is("free_threaded") {
            true => Build::Ft,
            false => Build::Gil,
        };
        if !self.is_for_either_build() && build != runtime.build {
            let build = build.adjective();
            return Some(format!("its `{MODULE}` is compiled for {build} CPython"));
        }
        let version = self.version()?;
        let (is_wrong, after) = match self.is("full_api") {
            true => (version != runtime.version, ""),
            false => (version > runtime.version, " or later"),
        };
        is_wrong.then(|| format!("its `{MODULE}` is compiled for CPython {version}{after}"))
    }

    /// The version that it is for, or the oldest; nothing where it is for every one.
    fn version(&self) -> Option<Version> {
        let hex = match self.is("full_api") {
            true => self.python,
            false => self.limited,
        };
        let text = format!("{}.{}", hex >> 24 & 0xff, hex >> 16 & 0xff);
        Version::parse(&text).filter(|_| hex != 0)
    }

    /// What it was compiled for, for people.
    pub(super) fn words(&self) -> String {
        match self.version() {
            None => "made by pyshim when it is loaded".to_owned(),
            Some(only) if self.is("full_api") => {
                format!("made by pyshim for {only} when it is loaded")
            }
            Some(from) => format!("made by pyshim for {from} or later when it is loaded"),
        }
    }
}
