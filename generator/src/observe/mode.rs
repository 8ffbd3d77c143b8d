//! The ways in which headers can be compiled.

use crate::surface::{ANYWHERE, Where};

/// One way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mode {
    /// `full`, `limited-3.8`, `abi3t-3.15`; or [`ANYWHERE`] where there is one way only.
    pub name: Where,
    /// Macros that are defined before the headers, with their values.
    pub defines: Vec<(String, String)>,
    /// What the headers have to become for this to be the mode of that name.
    pub api: Api,
}

/// Which part of its API a CPython's headers show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    /// These are not CPython's headers.
    Any,
    /// All.
    Full,
    /// What keeps abi3.
    Limited,
    /// What keeps abi3t.
    Abi3t,
}

/// The mode that shows all of a CPython's API.
pub const FULL: &str = "full";

/// The oldest limited API that is asked for; CPythons before it are not observed.
const OLDEST_LIMITED: u8 = 8;

/// Every mode that the headers of CPython 3.`minor` may have. Which of these they do have is for a
/// compiler to say, since headers refuse some and do not know others.
#[must_use]
pub fn candidates(minor: u8) -> Vec<Mode> {
    let mut modes = vec![Mode {
        name: FULL.to_owned(),
        defines: Vec::new(),
        api: Api::Full,
    }];
    for (word, name, api) in [
        ("limited", "Py_LIMITED_API", Api::Limited),
        ("abi3t", "Py_TARGET_ABI3T", Api::Abi3t),
    ] {
        modes.extend((OLDEST_LIMITED..=minor).map(|value| Mode {
            name: format!("{word}-3.{value}"),
            defines: vec![(name.to_owned(), format!("0x03{value:02x}0000"))],
            api,
        }));
    }
    modes
}

/// The one way to compile a library's headers.
#[must_use]
pub fn only() -> Mode {
    Mode {
        name: ANYWHERE.to_owned(),
        defines: Vec::new(),
        api: Api::Any,
    }
}
