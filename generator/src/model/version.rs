//! Versions: of CPython, and of this project's releases.

use std::fmt;

/// A CPython version without its micro part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The 3 of 3.15.
    pub major: u8,
    /// The 15 of 3.15.
    pub minor: u8,
}

impl Version {
    /// Reads `3.15`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.split_once('.')?;
        Some(Version {
            major: number(major)?,
            minor: number(minor)?,
        })
    }

    /// The version as `PY_VERSION_HEX` and `Py_LIMITED_API` spell it. Pre-releases of a version
    /// are counted as that version.
    #[must_use]
    pub fn hex(self) -> u32 {
        u32::from(self.major) << 24 | u32::from(self.minor) << 16
    }

    /// The next minor version.
    #[must_use]
    pub fn next(self) -> Self {
        Version {
            minor: self.minor + 1,
            ..self
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// A release of a project, `major.minor.patch`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release(pub u8, pub u8, pub u8);

impl Release {
    /// Reads `0.1.0`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let release = Release(
            number(parts.next()?)?,
            number(parts.next()?)?,
            number(parts.next()?)?,
        );
        parts.next().is_none().then_some(release)
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// A decimal number without sign or leading zero.
fn number(text: &str) -> Option<u8> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let plain = text == "0" || !text.starts_with('0');
    if digits && plain {
        text.parse().ok()
    } else {
        None
    }
}
