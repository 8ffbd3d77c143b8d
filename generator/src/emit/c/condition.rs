//! Prints a condition as the text of a C `#if`.

use crate::model::when::{Api, Arch, Arm, Build, Os, When};

/// The condition as C; `1` when it always holds and `0` when it never does.
#[must_use]
pub fn print(when: &When) -> String {
    if when.is_always() {
        return "1".to_owned();
    }
    let arms: Vec<String> = when.arms.iter().map(arm).collect();
    match arms.as_slice() {
        [] => "0".to_owned(),
        [one] => one.clone(),
        several => several
            .iter()
            .map(|text| {
                if text.contains(" && ") {
                    format!("({text})")
                } else {
                    text.clone()
                }
            })
            .collect::<Vec<_>>()
            .join(" || "),
    }
}

fn arm(arm: &Arm) -> String {
    let mut terms = Vec::new();
    if let Some(since) = arm.since {
        terms.push(format!("PY_VERSION_HEX >= 0x{:08X}", since.hex()));
    }
    if let Some(until) = arm.until {
        terms.push(format!("PY_VERSION_HEX < 0x{:08X}", until.hex()));
    }
    terms.extend(any(&arm.build, |build| match build {
        Build::Gil => "!defined(Py_GIL_DISABLED)".to_owned(),
        Build::Ft => "defined(Py_GIL_DISABLED)".to_owned(),
    }));
    terms.extend(apis(&arm.api));
    if let Some(limited) = arm.limited {
        let hex = limited.hex();
        terms.push(format!(
            "(!defined(Py_LIMITED_API) || Py_LIMITED_API + 0 >= 0x{hex:08X})"
        ));
    }
    if let Some(below) = arm.limited_below {
        let hex = below.hex();
        terms.push(format!(
            "(!defined(Py_LIMITED_API) || Py_LIMITED_API + 0 < 0x{hex:08X})"
        ));
    }
    terms.extend(any(&arm.os, |os| {
        match os {
            Os::Linux => "defined(__linux__)",
            Os::Macos => "defined(__APPLE__)",
            Os::Windows => "defined(_WIN32)",
        }
        .to_owned()
    }));
    terms.extend(any(&arm.arch, |arch| {
        match arch {
            Arch::X86 => "(defined(__i386__) || defined(_M_IX86))",
            Arch::X86_64 => "(defined(__x86_64__) || defined(_M_X64))",
            Arch::Aarch64 => "(defined(__aarch64__) || defined(_M_ARM64))",
            Arch::S390x => "defined(__s390x__)",
        }
        .to_owned()
    }));
    if terms.is_empty() {
        "1".to_owned()
    } else {
        terms.join(" && ")
    }
}

fn any<T: Copy>(values: &[T], print: impl Fn(T) -> String) -> Option<String> {
    let terms: Vec<String> = values.iter().map(|value| print(*value)).collect();
    match terms.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        several => Some(format!("({})", several.join(" || "))),
    }
}

/// abi3 and abi3t differ in `Py_GIL_DISABLED`, which the headers define for abi3t.
fn apis(apis: &[Api]) -> Option<String> {
    let has = |api| apis.contains(&api);
    let text = match (has(Api::Full), has(Api::Abi3), has(Api::Abi3t)) {
        (false, false, false) | (true, true, true) => return None,
        (true, false, false) => "!defined(Py_LIMITED_API)",
        (false, true, true) => "defined(Py_LIMITED_API)",
        (false, true, false) => "defined(Py_LIMITED_API) && !defined(Py_GIL_DISABLED)",
        (false, false, true) => "defined(Py_LIMITED_API) && defined(Py_GIL_DISABLED)",
        (true, true, false) => "(!defined(Py_LIMITED_API) || !defined(Py_GIL_DISABLED))",
        (true, false, true) => "(!defined(Py_LIMITED_API) || defined(Py_GIL_DISABLED))",
    };
    Some(text.to_owned())
}
