//! A CPython that may load a module: its version and its build.

use std::fmt;

use crate::model::version::Version;
use crate::model::when::Build;

/// One CPython, oldest first and GIL-enabled before free-threaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Runtime {
    /// Its version.
    pub version: Version,
    /// How it was built.
    pub build: Build,
}

impl Runtime {
    /// Reads `3.14t`.
    #[must_use]
    pub fn parse(label: &str) -> Option<Self> {
        let (version, build) = match label.strip_suffix('t') {
            Some(version) => (version, Build::Ft),
            None => (label, Build::Gil),
        };
        Some(Runtime {
            version: Version::parse(version)?,
            build,
        })
    }

    /// Whether it is free-threaded.
    #[must_use]
    pub fn is_free_threaded(self) -> bool {
        self.build == Build::Ft
    }
}

impl fmt::Display for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let build = if self.is_free_threaded() { "t" } else { "" };
        write!(f, "{}{build}", self.version)
    }
}
