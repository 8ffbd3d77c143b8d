//! CPython's own library among those that a module needs.

use super::binary::Binary;
use super::linked::last;
use super::runtime::Runtime;
use super::symbols::Symbols;
use crate::model::when::Build;

/// The longest name or path that is believed: each message has it.
const LONGEST: usize = 512;

/// How the names of libraries end.
const ENDS: [&str; 3] = [".dll", ".so", ".dylib"];

/// What a library of CPython's is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Library {
    /// `python3.dll`, `libpython3.so`: it passes on what is in the stable ABI.
    Stable(Build),
    /// `libpython3.11.so.1.0`, `python311.dll`.
    Version(Runtime),
}

impl Library {
    /// Whether a CPython has it. `python3t.dll` comes with GIL-enabled builds as well since there is
    /// `abi3t` (gh-148690), and that came in one version with `PyModExport_`.
    #[must_use]
    pub fn is_of(self, runtime: Runtime) -> bool {
        let since = Symbols::known().calls_export_since();
        match self {
            Library::Stable(Build::Ft) if since.is_some_and(|since| runtime.version >= since) => {
                true
            }
            Library::Stable(build) => build == runtime.build,
            Library::Version(one) => one == runtime,
        }
    }

    /// Of the name or path by which a module needs it.
    #[must_use]
    pub fn parse(needed: &str) -> Option<Self> {
        let needed = Some(needed).filter(|needed| needed.len() <= LONGEST)?;
        let name = last(needed).to_ascii_lowercase();
        // A framework's library is called `Python`, in a folder of its version.
        if let ("python" | "pythont", Some((_, after))) =
            (name.as_str(), needed.split_once("/Versions/"))
        {
            // The free-threaded build has a framework of its own, `PythonT`, whose versions have no `t`.
            let version = after.split('/').next()?;
            let t = if name.ends_with('t') && !version.ends_with('t') {
                "t"
            } else {
                ""
            };
            return Library::of_version(&format!("{version}{t}"));
        }
        let (version, _) = parts(&name).filter(|(_, end)| !end.is_empty())?;
        match version {
            "3" => Some(Library::Stable(Build::Gil)),
            "3t" => Some(Library::Stable(Build::Ft)),
            version => Library::of_version(version),
        }
    }

    /// `3.13t`, or `313t` as Windows has it.
    fn of_version(text: &str) -> Option<Self> {
        let dotted = match text.contains('.') {
            true => text.to_owned(),
            false => format!("3.{}", text.strip_prefix('3')?),
        };
        Runtime::parse(&dotted).map(Library::Version)
    }
}

/// Whether a library is CPython's, of whichever version, build or distribution, by the name or path by which it
/// is needed: of debug builds, and the `Python3` of Apple's framework, too.
#[must_use]
pub fn is_pythons(needed: &str) -> bool {
    let is_of_versions = |one: char| one.is_ascii_digit() || "._dmt".contains(one);
    let name = last(needed).to_ascii_lowercase();
    parts(&name).is_some_and(|(version, _)| version.chars().all(is_of_versions))
}

/// The version in a name that begins as those of CPython's libraries do, in small letters, and its end from the
/// first suffix on.
fn parts(name: &str) -> Option<(&str, &str)> {
    let name = name.strip_prefix("lib").unwrap_or(name);
    let after = name.strip_prefix("python")?;
    let end = ENDS.iter().filter_map(|end| after.find(end)).min();
    Some(after.split_at(end.unwrap_or(after.len())))
}

/// CPython's libraries that a module needs.
pub fn libraries(binary: &Binary) -> impl Iterator<Item = (&str, Library)> {
    let needed = binary.imports.needed.iter();
    needed.filter_map(|name| Some((name.as_str(), Library::parse(name)?)))
}

/// A library that is of another CPython than the one that loads the module.
#[must_use]
pub fn foreign(binary: &Binary, runtime: Runtime) -> Option<&str> {
    let mut libraries = libraries(binary);
    libraries.find_map(|(name, library)| (!library.is_of(runtime)).then_some(name))
}

#[cfg(test)]
mod tests {
    use super::{Library, is_pythons};
    use crate::audit::runtime::Runtime;
    use crate::model::when::Build;

    #[test]
    fn a_library_says_which_python_it_is_of() {
        let version = |label| Runtime::parse(label).map(Library::Version);
        for (name, library) in [
            ("libpython3.11.so.1.0", version("3.11")),
            ("libpython3.13t.so.1.0", version("3.13t")),
            ("python311.dll", version("3.11")),
            ("python313t.dll", version("3.13t")),
            ("@rpath/libpython3.9.dylib", version("3.9")),
            (
                "/Library/Frameworks/Python.framework/Versions/3.12/Python",
                version("3.12"),
            ),
            (
                "/Library/Frameworks/PythonT.framework/Versions/3.13/PythonT",
                version("3.13t"),
            ),
            ("python3.dll", Some(Library::Stable(Build::Gil))),
            ("python3t.dll", Some(Library::Stable(Build::Ft))),
            ("libpython3.so", Some(Library::Stable(Build::Gil))),
            ("libc.so.6", None),
            ("libpythonic.so", None),
            ("libboost_python311.so", None),
        ] {
            assert_eq!(Library::parse(name), library, "{name}");
            if library.is_some() {
                assert!(is_pythons(name), "{name}");
            }
        }
    }

    #[test]
    fn a_library_is_pythons_or_of_others() {
        for name in [
            "python3_d.dll",
            "python314_d.dll",
            "python314t_d.dll",
            "PYTHON314.DLL",
            "libpython3.11.dll",
            "libpython3.8m.so.1.0",
            "@rpath/libpython3.14td.dylib",
            "@rpath/Python",
            "@rpath/Python3.framework/Versions/3.9/Python3",
        ] {
            assert!(is_pythons(name), "{name}");
        }
        for name in [
            "shiboken6.abi3.dll",
            "pythoncom314.dll",
            "pywintypes314.dll",
            "pyside6.abi3.dll",
            "libpypy3.11-c.dll",
            "libboost_python311.dylib",
            "libpythonic.dylib",
            "/opt/python3/lib/libdemo.dylib",
            "/usr/lib/libSystem.B.dylib",
            "",
        ] {
            assert!(!is_pythons(name), "{name}");
        }
    }
}
