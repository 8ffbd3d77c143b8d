//! The header sets that cannot be: each stops the compiler with one readable `#error`.

use crate::model::Model;
use crate::model::version::Version;

/// One mistake that a header refuses.
#[derive(Clone, Debug)]
pub struct Guard {
    /// Its stable code, which the message begins with.
    pub id: &'static str,
    /// The C condition of the mistake, after `patchlevel.h` and `pyconfig.h`.
    pub condition: String,
    /// What is wrong and what to do.
    pub message: String,
}

/// Every guard, by code.
#[must_use]
pub fn all(model: &Model) -> Vec<Guard> {
    let mut guards = guards(model);
    guards.extend(language());
    guards
}

/// The guards that are tried before any header of CPython's is read.
#[must_use]
pub fn language() -> [Guard; 2] {
    [
        Guard {
            id: "H008",
            condition: "!defined(__cplusplus) && !defined(_MSC_VER) \
                        && (!defined(__STDC_VERSION__) || __STDC_VERSION__ < 199901L)"
                .to_owned(),
            message: "C99 or later is needed".to_owned(),
        },
        Guard {
            id: "H009",
            condition: "defined(__cplusplus) && !defined(_MSC_VER) && __cplusplus < 201103L"
                .to_owned(),
            message: "C++11 or later is needed".to_owned(),
        },
    ]
}

/// The guards on CPython's headers, in the order in which they are tried.
#[must_use]
pub fn guards(model: &Model) -> Vec<Guard> {
    let oldest = model.pythons.oldest();
    let mut guards = vec![
        Guard {
            id: "H001",
            condition: "defined(PYPY_VERSION)".to_owned(),
            message: "these are PyPy's headers; only CPython is known here".to_owned(),
        },
        Guard {
            id: "H002",
            condition: format!("PY_VERSION_HEX < 0x{:08X}", oldest.hex()),
            message: format!("these headers are older than CPython {oldest}"),
        },
    ];
    if let Some(abi3t) = model
        .pythons
        .list
        .iter()
        .find_map(|python| python.abi3t_since)
    {
        if model.supplies() {
            guards.extend(universal_guards(&model.macro_prefix(), oldest, abi3t));
        }
        guards.extend(abi3t_guards(abi3t));
    }
    guards.push(Guard {
        id: "H006",
        condition: format!(
            "defined(Py_LIMITED_API) && Py_LIMITED_API + 0 < 0x{:08X}",
            oldest.hex()
        ),
        message: format!(
            "Py_LIMITED_API is below {oldest}; define it as 0x{:08X} or higher",
            oldest.hex()
        ),
    });
    guards.push(Guard {
        id: "H007",
        condition:
            "defined(Py_LIMITED_API) && ((Py_LIMITED_API + 0) >> 16) > (PY_VERSION_HEX >> 16)"
                .to_owned(),
        message: "Py_LIMITED_API is newer than these headers; lower it, or use newer headers"
            .to_owned(),
    });
    guards
}

/// A universal module is compiled as abi3t, and says which CPython it begins with.
fn universal_guards(prefix: &str, oldest: Version, abi3t: Version) -> [Guard; 5] {
    let (first, hex) = (oldest.hex(), abi3t.hex());
    [
        Guard {
            id: "H013",
            condition: format!("defined({prefix}_UNIVERSAL) && defined(_WIN32)"),
            message: "Windows has no file that CPythons of both builds load, since each links a DLL of its own; compile \
                      one with Py_LIMITED_API, and one with Py_TARGET_ABI3T"
                .to_owned(),
        },
        Guard {
            id: "H010",
            condition: format!("defined({prefix}_UNIVERSAL) && PY_VERSION_HEX < 0x{hex:08X}"),
            message: format!(
                "{prefix}_UNIVERSAL needs headers of CPython {abi3t} or later, of either build; what \
                 is compiled runs on older ones"
            ),
        },
        Guard {
            id: "H011",
            condition: format!(
                "defined({prefix}_UNIVERSAL) && ({prefix}_UNIVERSAL + 0 < 0x{first:08X} || \
                 {prefix}_UNIVERSAL + 0 > 0x{hex:08X})"
            ),
            message: format!(
                "{prefix}_UNIVERSAL is the oldest CPython that is wanted, from 0x{first:08X} to \
                 0x{hex:08X}"
            ),
        },
        // Python.h that came first as abi3t has defined it, too.
        Guard {
            id: "H014",
            condition: format!(
                "defined({prefix}_UNIVERSAL) && defined(Py_LIMITED_API) && Py_LIMITED_API + 0 < 0x{hex:08X}"
            ),
            message: format!(
                "{prefix}_UNIVERSAL alone says what the oldest CPython is, and an older Py_LIMITED_API \
                 hides what it needs; leave Py_LIMITED_API out"
            ),
        },
        Guard {
            id: "H012",
            condition: format!(
                "defined({prefix}_UNIVERSAL) && defined(Py_PYTHON_H) && !defined(Py_TARGET_ABI3T)"
            ),
            message: format!(
                "Python.h came first, and not as abi3t; with {prefix}_UNIVERSAL include this before \
                 it, or define Py_TARGET_ABI3T=0x{hex:08X} too"
            ),
        },
    ]
}

fn abi3t_guards(abi3t: Version) -> [Guard; 3] {
    let hex = abi3t.hex();
    [
        Guard {
            id: "H003",
            condition: format!("defined(Py_TARGET_ABI3T) && PY_VERSION_HEX < 0x{hex:08X}"),
            message: format!(
                "Py_TARGET_ABI3T needs headers of CPython {abi3t} or later; older ones ignore it \
                 and would give a module for one version only"
            ),
        },
        Guard {
            id: "H004",
            condition: format!(
                "defined(Py_LIMITED_API) && defined(Py_GIL_DISABLED) && PY_VERSION_HEX < 0x{hex:08X}"
            ),
            message: format!(
                "free-threaded headers before CPython {abi3t} have no limited API; drop \
                 Py_LIMITED_API, or use headers of {abi3t} with Py_TARGET_ABI3T=0x{hex:08X}"
            ),
        },
        Guard {
            id: "H005",
            condition: format!(
                "(defined(Py_TARGET_ABI3T) && Py_TARGET_ABI3T + 0 < 0x{hex:08X}) || \
                 (defined(Py_LIMITED_API) && defined(Py_GIL_DISABLED) && \
                 !defined(Py_TARGET_ABI3T) && Py_LIMITED_API + 0 < 0x{hex:08X})"
            ),
            message: format!(
                "abi3t begins with CPython {abi3t}: a limited API below it cannot be had with \
                 free-threaded headers; define Py_TARGET_ABI3T=0x{hex:08X}"
            ),
        },
    ]
}
