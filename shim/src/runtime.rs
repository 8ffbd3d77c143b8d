// SPDX-License-Identifier: 0BSD
//! What the running CPython is, and who does what on it.

use core::fmt;

use crate::{Attached, Owned, Raised, ffi};

/// A version of CPython as far as its ABI depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// 3, so far.
    pub major: u8,
    /// The release of the year.
    pub minor: u8,
}

impl Version {
    /// From `PY_VERSION_HEX >> 16`.
    pub(crate) const fn from_hex(hex: u64) -> Self {
        Version {
            major: (hex >> 8) as u8,
            minor: hex as u8,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The versions that a binary is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionRange {
    /// One and no other.
    Exactly(Version),
    /// One and all after it.
    AtLeast(Version),
}

impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VersionRange::Exactly(version) => write!(f, "{version}"),
            VersionRange::AtLeast(version) => write!(f, "{version} or later"),
        }
    }
}

/// One of the two builds of CPython.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Build {
    /// With a GIL.
    GilEnabled,
    /// Able to do without (`python3.13t`).
    FreeThreaded,
}

impl fmt::Display for Build {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Build::GilEnabled => "GIL-enabled",
            Build::FreeThreaded => "free-threaded",
        })
    }
}

/// What critical sections do in this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sections {
    /// Nothing is known yet, for nobody has called [`init`](crate::init()).
    Unknown,
    /// They do nothing; the GIL does their work.
    NoOp,
    /// They lock, in the words that CPython 3.15 froze.
    Live,
    /// They lock, and use the reserve or can fail, which no released CPython does.
    Successor,
}

/// What critical sections were found to do.
#[must_use]
pub fn sections() -> Sections {
    // SAFETY: it needs neither initialisation nor a thread state.
    match unsafe { ffi::pyshim_critical_section_status() } {
        ffi::PYSHIM_SECTIONS_NO_OP => Sections::NoOp,
        ffi::PYSHIM_SECTIONS_LIVE => Sections::Live,
        ffi::PYSHIM_SECTIONS_SUCCESSOR => Sections::Successor,
        _ => Sections::Unknown,
    }
}

/// A `str` that says who provides each slot, one line a slot.
///
/// # Errors
///
/// When Python cannot make the text.
pub fn providers(attached: Attached<'_>) -> Result<Owned<'_>, Raised> {
    // SAFETY: the thread is attached, and what comes back is a new reference or NULL with an
    // exception.
    unsafe { Owned::from_nullable(attached, ffi::pyshim_providers()) }.ok_or(Raised::new())
}
