//! CPython's own library among those that a module needs.

use super::binary::Binary;
use super::runtime::Runtime;
use super::symbols::Symbols;
use crate::model::when::Build;

/// The longest name or path that is believed: each message has it.
const LONGEST: usize = 512;

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
        let name = needed.rsplit(['/', '\\']).next()?.to_ascii_lowercase();
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
        let after = name
            .strip_prefix("lib")
            .unwrap_or(&name)
            .strip_prefix("python")?;
        let end = [".dll", ".so", ".dylib"]
            .iter()
            .filter_map(|end| after.find(end))
            .min()?;
        match &after[..end] {
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
    use super::Library;
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
        }
    }
}
