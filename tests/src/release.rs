//! Which pyshim an extension is compiled with.

use std::path::PathBuf;

use crate::place::root;

/// Headers and C core of one release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The folder of `pyshim.h`.
    pub include: PathBuf,
    /// The folder of `pyshim.c`.
    pub csrc: PathBuf,
}

impl Release {
    /// That of this checkout.
    #[must_use]
    pub fn current() -> Release {
        Release {
            include: root().join("include"),
            csrc: root().join("shim/csrc"),
        }
    }

    /// The frozen one that `tests/baseline/README.md` tells of.
    #[must_use]
    pub fn baseline() -> Release {
        let folder = root().join("tests/baseline");
        Release {
            include: folder.join("include"),
            csrc: folder.join("csrc"),
        }
    }
}
