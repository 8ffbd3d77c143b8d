//! A module that `PYSHIM_MODULE` declares: what it says, and what it was compiled as. Its definition and
//! CPython's slots are made of that when it is loaded, in the way of the CPython that loads it.

use super::known::Known;
use super::{Gil, known::MODULE};
use crate::audit::runtime::Runtime;
use crate::model::version::Version;

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
}

impl Ours {
    /// Whether the module does without the GIL on the free-threaded builds that are known, whose critical
    /// sections lock.
    pub(super) fn gil(&self, known: &Known) -> Gil {
        match self.gil {
            None => Gil::Unsaid,
            Some(bits) if bits & known.our("pyshim_mod_gil.sections") != 0 => Gil::NotUsed,
            Some(_) => Gil::Used,
        }
    }

    /// Whether objects are laid out when it is loaded, so that builds of either kind may do that.
    #[must_use]
    pub fn is_for_either_build(&self) -> bool {
        self.flags & Known::observed().our("pyshim_build_flags.opaque") != 0
    }

    /// What it was compiled for, where that is not a CPython: the import raises ImportError there.
    #[must_use]
    pub fn refuses(&self, runtime: Runtime) -> Option<String> {
        let known = Known::observed();
        let has = |flag: &str| self.flags & known.our(&format!("pyshim_build_flags.{flag}")) != 0;
        let build = if has("free_threaded") {
            "free-threaded"
        } else {
            "GIL-enabled"
        };
        if !self.is_for_either_build() && has("free_threaded") != runtime.is_free_threaded() {
            return Some(format!("its `{MODULE}` is compiled for {build} CPython"));
        }
        let (hex, after) = match has("full_api") {
            true => (self.python, ""),
            false => (self.limited, " or later"),
        };
        let version = version(hex)?;
        let is_wrong = match has("full_api") {
            true => version != runtime.version,
            false => version > runtime.version,
        };
        is_wrong.then(|| format!("its `{MODULE}` is compiled for CPython {version}{after}"))
    }

    /// What it was compiled for, for people.
    pub(super) fn words(&self) -> String {
        let known = Known::observed();
        let is_full = self.flags & known.our("pyshim_build_flags.full_api") != 0;
        let hex = if is_full { self.python } else { self.limited };
        match version(hex) {
            None => "made by pyshim when it is loaded".to_owned(),
            Some(only) if is_full => format!("made by pyshim for {only} when it is loaded"),
            Some(from) => format!("made by pyshim for {from} or later when it is loaded"),
        }
    }
}

/// The version in a `PY_VERSION_HEX`; nothing for 0, which is every one.
fn version(hex: u64) -> Option<Version> {
    let text = format!("{}.{}", hex >> 24 & 0xff, hex >> 16 & 0xff);
    Version::parse(&text).filter(|_| hex != 0)
}
