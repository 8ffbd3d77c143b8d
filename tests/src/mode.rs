//! The ways in which an extension can be compiled for an interpreter.

use pythons::Python;

/// One way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mode {
    /// `full`, `abi3-3.8`, `abi3t-3.15`.
    pub name: String,
    /// What the compiler is given.
    pub flags: Vec<String>,
    /// The minor version of the limited API, where there is one and it is not that of abi3t.
    pub abi3: Option<u32>,
}

impl Mode {
    /// Whether it is the limited API whose names every interpreter has.
    #[must_use]
    pub fn is_oldest_limited(&self) -> bool {
        self.abi3 == Some(OLDEST_LIMITED)
    }
}

/// The oldest limited API that pyshim has.
const OLDEST_LIMITED: u32 = 8;
/// The first version with abi3t.
const FIRST_ABI3T: u32 = 15;

/// Every mode that the headers of an interpreter support.
#[must_use]
pub fn modes(python: &Python) -> Vec<Mode> {
    let minor = python.version.minor();
    let mut modes = vec![Mode {
        name: "full".to_owned(),
        flags: Vec::new(),
        abi3: None,
    }];
    if !python.free_threaded {
        modes.extend((OLDEST_LIMITED..=minor).map(|limited| Mode {
            name: format!("abi3-3.{limited}"),
            flags: define("Py_LIMITED_API", limited),
            abi3: Some(limited),
        }));
    }
    modes.extend((FIRST_ABI3T..=minor).map(|target| Mode {
        name: format!("abi3t-3.{target}"),
        flags: define("Py_TARGET_ABI3T", target),
        abi3: None,
    }));
    modes
}

/// The modes that extensions are built in: all but the limited APIs between the oldest and the
/// interpreter's own.
#[must_use]
pub fn extension_modes(python: &Python) -> Vec<Mode> {
    let own = python.version.minor();
    let keep =
        |mode: &Mode| mode.is_oldest_limited() || mode.abi3.is_none_or(|limited| limited == own);
    modes(python).into_iter().filter(keep).collect()
}

/// Whether an interpreter has the oldest or the newest version of those that are there: what is alike between
/// neighbours is tried by turns between these two.
#[must_use]
pub fn is_at_an_end(python: &Python, pythons: &[Python]) -> bool {
    let ends = [pythons.first(), pythons.last()].into_iter().flatten();
    let minor = python.version.minor();
    ends.into_iter().any(|end| end.version.minor() == minor)
}

fn define(macro_name: &str, minor: u32) -> Vec<String> {
    vec![format!("-D{macro_name}=0x03{minor:02X}0000")]
}
