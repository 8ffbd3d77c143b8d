//! The ways in which an extension can be compiled for an interpreter.

use pythons::Python;

/// One way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mode {
    /// `full`, `abi3-3.8`, `abi3t-3.15`.
    pub name: String,
    /// What the compiler is given.
    pub flags: Vec<String>,
}

/// The oldest limited API that the headers accept.
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
    }];
    if !python.free_threaded {
        for limited in OLDEST_LIMITED..=minor {
            modes.push(define(
                format!("abi3-3.{limited}"),
                "Py_LIMITED_API",
                limited,
            ));
        }
    }
    for target in FIRST_ABI3T..=minor {
        modes.push(define(
            format!("abi3t-3.{target}"),
            "Py_TARGET_ABI3T",
            target,
        ));
    }
    modes
}

/// The modes that extensions are built in: all but the limited APIs between the oldest and the
/// interpreter's own.
#[must_use]
pub fn extension_modes(python: &Python) -> Vec<Mode> {
    let newest = format!("abi3-3.{}", python.version.minor());
    let oldest = format!("abi3-3.{OLDEST_LIMITED}");
    let keep =
        |mode: &Mode| !mode.name.starts_with("abi3-") || [&newest, &oldest].contains(&&mode.name);
    modes(python).into_iter().filter(keep).collect()
}

fn define(name: String, macro_name: &str, minor: u32) -> Mode {
    Mode {
        name,
        flags: vec![format!("-D{macro_name}=0x03{minor:02X}0000")],
    }
}
