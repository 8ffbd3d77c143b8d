//! One CPython on this machine.

use crate::Label;
use std::fmt;
use std::path::PathBuf;

/// A CPython that ran and said what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Python {
    /// Its feature version and build.
    pub label: Label,
    /// The running executable's exact version.
    pub version: Version,
    /// `sys.version` says that this is a free-threaded build.
    pub free_threaded: bool,
    /// An absolute path.
    pub executable: PathBuf,
    /// The folder with `Python.h`, then the one with the machine's own `pyconfig.h` if that is
    /// another one. Empty where there are no headers.
    pub include_dirs: Vec<PathBuf>,
    /// `PY_VERSION` in the headers, empty without headers. An assembled interpreter's headers may
    /// be some micro releases newer than its executable.
    pub header_version: String,
    /// `importlib.machinery.EXTENSION_SUFFIXES`, the most specific one first.
    pub ext_suffixes: Vec<String>,
    /// How it was found.
    pub origin: Origin,
}

impl Python {
    /// Whether extensions can be compiled for it.
    pub fn has_headers(&self) -> bool {
        !self.include_dirs.is_empty()
    }
}

/// What `sys.hexversion` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// `PY_VERSION_HEX`: 0x030d00f0 for 3.13.0. Orders versions.
    pub hex: u32,
}

impl Version {
    /// 3.
    pub const fn major(self) -> u32 {
        self.hex >> 24
    }

    /// 13 in 3.13.2.
    pub const fn minor(self) -> u32 {
        self.hex >> 16 & 0xff
    }

    /// 2 in 3.13.2.
    pub const fn micro(self) -> u32 {
        self.hex >> 8 & 0xff
    }

    /// False for alphas, betas and release candidates, whose ABI may still change.
    pub const fn is_final(self) -> bool {
        self.hex >> 4 & 0xf == 0xf
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let serial = self.hex & 0xf;
        let stage = match self.hex >> 4 & 0xf {
            0xa => format!("a{serial}"),
            0xb => format!("b{serial}"),
            0xc => format!("rc{serial}"),
            _ => String::new(),
        };
        f.pad(&format!(
            "{}.{}.{}{stage}",
            self.major(),
            self.minor(),
            self.micro()
        ))
    }
}

/// How an interpreter came to be known, in the order in which places are searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// In `PYSHIM_PYTHONS`.
    Named,
    /// A version of pyenv's.
    Pyenv,
    /// One of those that `uv python install` keeps.
    Uv,
    /// Debian's own package.
    Debian,
    /// Elsewhere on `PATH`.
    Path,
    /// Put together from packages, in the cache.
    Assembled,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Named => "PYSHIM_PYTHONS",
            Self::Pyenv => "pyenv",
            Self::Uv => "uv",
            Self::Debian => "Debian",
            Self::Path => "PATH",
            Self::Assembled => "assembled",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn a_version_is_read_from_its_hex_form() {
        let cases = [
            (0x030d_00f0, "3.13.0", true),
            (0x030f_0112, "3.15.1", false),
            (0x030f_00a3, "3.15.0a3", false),
            (0x030e_00b1, "3.14.0b1", false),
            (0x030e_00c2, "3.14.0rc2", false),
            (0x0308_12f0, "3.8.18", true),
        ];
        for (hex, text, is_final) in cases {
            let version = Version { hex };
            assert_eq!(
                (version.to_string().as_str(), version.is_final()),
                (text, is_final)
            );
        }
    }
}
