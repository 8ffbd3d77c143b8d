// SPDX-License-Identifier: 0BSD
//! What can go wrong.

use core::error::Error;
use core::ffi::{CStr, c_char};
use core::fmt;
use core::marker::PhantomData;

use crate::{Build, Version, VersionRange, ffi};

/// A Python exception is set in the calling thread, and says what went wrong. It stays in its thread, and
/// in the interpreter that the thread is in: what enters another handles it there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raised(PhantomData<*const ()>);

impl Raised {
    pub(crate) const fn new() -> Self {
        Raised(PhantomData)
    }
}

impl fmt::Display for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a Python exception is set")
    }
}

impl Error for Raised {}

/// Why initialisation failed. No exception is set but for [`LoadError::Python`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoadError {
    /// Python raised something else while it was asked what it is.
    Python(Raised),
    /// The bindings and the C core are of different releases.
    Header {
        /// Hash of the table in the bindings.
        found: u32,
        /// Hash of the table in the C core.
        expected: u32,
    },
    /// A struct has another size in the C core.
    Struct {
        /// Its name.
        name: &'static str,
        /// Bytes in the bindings.
        found: u32,
        /// Bytes in the C core.
        expected: u32,
    },
    /// Pointers have another size in the C core.
    Pointer {
        /// Bytes in the bindings.
        found: u32,
        /// Bytes in the C core.
        expected: u32,
    },
    /// Compiled for the other build of CPython.
    Build {
        /// What runs.
        found: Build,
        /// What it was compiled for.
        expected: Build,
    },
    /// Compiled for other versions of CPython.
    Version {
        /// What runs.
        found: Version,
        /// What it was compiled for.
        expected: VersionRange,
    },
    /// The running CPython gives two different versions of itself.
    VersionLies {
        /// `sys.hexversion`.
        found: u64,
        /// The exported `Py_Version`.
        expected: u64,
    },
    /// The running CPython says both that it is free-threaded and that it is not.
    BuildLies {
        /// Who says otherwise.
        source: &'static str,
        /// Bytes of an object's head.
        found: u32,
        /// Bytes that go with what the source says.
        expected: u32,
    },
    /// A critical section writes more words than the storage has.
    Section {
        /// Its name in CPython.
        name: &'static str,
        /// Words that it writes.
        found: u32,
        /// Words of the storage.
        expected: u32,
    },
    /// A family that is needed cannot be had.
    Missing {
        /// The first function of the family.
        name: &'static str,
        /// What runs.
        found: Version,
        /// Its build.
        build: Build,
        /// The newest CPython that this release knows.
        expected: Version,
    },
    /// Out of memory.
    Memory,
    /// Objects have heads of a size that no observed CPython has.
    Object {
        /// Bytes of an object's head.
        found: u32,
        /// Bytes of one in GIL-enabled CPython.
        expected: u32,
    },
    /// Sections do nothing, and the GIL is forced off.
    Unprotected,
    /// A status that these bindings do not know.
    Unknown {
        /// The status.
        status: i32,
        /// What was found.
        found: u64,
        /// What was expected.
        expected: u64,
    },
}

impl LoadError {
    /// # Safety
    ///
    /// The subject is a static string or NULL.
    pub(crate) unsafe fn from_report(report: &ffi::pyshim_report) -> Self {
        // SAFETY: as the caller says.
        let name = unsafe { text(report.subject) };
        // Sizes and hashes are 32 bits wide on the C side too.
        let (found, expected) = (report.found as u32, report.expected as u32);
        match report.status {
            ffi::PYSHIM_LOAD_PYTHON => LoadError::Python(Raised::new()),
            ffi::PYSHIM_LOAD_HEADER => LoadError::Header { found, expected },
            ffi::PYSHIM_LOAD_STRUCT => LoadError::Struct {
                name,
                found,
                expected,
            },
            ffi::PYSHIM_LOAD_POINTER => LoadError::Pointer { found, expected },
            ffi::PYSHIM_LOAD_BUILD => LoadError::Build {
                found: build(report.found),
                expected: build(report.expected),
            },
            ffi::PYSHIM_LOAD_VERSION => LoadError::Version {
                found: Version::from_hex(report.found),
                expected: match (name, Version::from_hex(report.expected)) {
                    ("", only) => VersionRange::Exactly(only),
                    (_, first) => VersionRange::AtLeast(first),
                },
            },
            ffi::PYSHIM_LOAD_VERSION_LIES => LoadError::VersionLies {
                found: report.found,
                expected: report.expected,
            },
            ffi::PYSHIM_LOAD_BUILD_LIES => LoadError::BuildLies {
                source: name,
                found,
                expected,
            },
            ffi::PYSHIM_LOAD_SECTION => LoadError::Section {
                name,
                found,
                expected,
            },
            ffi::PYSHIM_LOAD_MISSING => LoadError::Missing {
                name,
                found: Version::from_hex(report.found & (REPORT_FT - 1)),
                build: if report.found & REPORT_FT == 0 {
                    Build::GilEnabled
                } else {
                    Build::FreeThreaded
                },
                expected: Version::from_hex(report.expected),
            },
            ffi::PYSHIM_LOAD_MEMORY => LoadError::Memory,
            ffi::PYSHIM_LOAD_OBJECT => LoadError::Object { found, expected },
            ffi::PYSHIM_LOAD_UNPROTECTED => LoadError::Unprotected,
            status => LoadError::Unknown {
                status,
                found: report.found,
                expected: report.expected,
            },
        }
    }
}

/// What a free-threaded version has above its own bits.
const REPORT_FT: u64 = ffi::PYSHIM_REPORT_FT as u64;

/// The C core's word for a build.
fn build(word: u64) -> Build {
    if word == ffi::PYSHIM_RUNTIME_GIL as u64 {
        Build::GilEnabled
    } else {
        Build::FreeThreaded
    }
}

/// # Safety
///
/// It is a static string or NULL.
unsafe fn text(subject: *const c_char) -> &'static str {
    if subject.is_null() {
        return "";
    }
    // SAFETY: as the caller says.
    unsafe { CStr::from_ptr(subject) }
        .to_str()
        .unwrap_or_default()
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Python(raised) => raised.fmt(f),
            LoadError::Header { found, expected } => write!(
                f,
                "the bindings have table {found:x} and the C core has table {expected:x}; compile \
                 both from one release"
            ),
            LoadError::Struct {
                name,
                found,
                expected,
            } => write!(
                f,
                "`{name}` has {found} bytes in the bindings and {expected} in the C core; compile \
                 both from one release"
            ),
            LoadError::Pointer { found, expected } => write!(
                f,
                "pointers have {found} bytes in the bindings and {expected} in the C core"
            ),
            LoadError::Build { found, expected } => write!(
                f,
                "this module was compiled for {expected} CPython and is loaded by a {found} one"
            ),
            LoadError::Version { found, expected } => write!(
                f,
                "this module was compiled for CPython {expected} and is loaded by {found}"
            ),
            LoadError::VersionLies { found, expected } => write!(
                f,
                "`sys.hexversion` is {found:x} and `Py_Version` is {expected:x}; this CPython \
                 cannot be trusted"
            ),
            LoadError::BuildLies {
                source,
                found,
                expected,
            } => write!(
                f,
                "objects have heads of {found} bytes, and `{source}` speaks for heads of \
                 {expected}; this CPython cannot be trusted"
            ),
            LoadError::Section {
                name,
                found,
                expected,
            } => write!(
                f,
                "`{name}` of the running CPython writes {found} words and the storage has \
                 {expected}; this module needs a newer pyshim"
            ),
            LoadError::Missing {
                name,
                found,
                build,
                expected,
            } => write!(
                f,
                "`{name}` cannot be had on {build} CPython {found}, and this module needs it; the \
                 newest CPython that this pyshim knows is {expected}"
            ),
            LoadError::Memory => f.write_str("out of memory"),
            LoadError::Object { found, expected } => write!(
                f,
                "objects have heads of {found} bytes, and no CPython known here has them; \
                 GIL-enabled ones have heads of {expected}"
            ),
            LoadError::Unprotected => f.write_str(
                "this module relies on critical sections, which do nothing here, and the GIL is \
                 forced off, which would do their work",
            ),
            LoadError::Unknown {
                status,
                found,
                expected,
            } => write!(
                f,
                "the C core reports status {status} with {found} found and {expected} expected, \
                 which these bindings do not know"
            ),
        }
    }
}

impl Error for LoadError {}

#[cfg(test)]
mod tests {
    extern crate std;

    use core::ptr;
    use std::format;
    use std::vec::Vec;

    use super::*;

    fn error(status: i32, found: u64, expected: u64, subject: &'static CStr) -> LoadError {
        let report = ffi::pyshim_report {
            size: size_of::<ffi::pyshim_report>() as u32,
            status,
            found,
            expected,
            subject: subject.as_ptr(),
            reserved: ptr::null_mut(),
        };
        // SAFETY: the subject is a literal.
        unsafe { LoadError::from_report(&report) }
    }

    /// As the C core reports them.
    const EXAMPLES: &[(i32, u64, u64, &CStr, &str)] = &[
        (
            ffi::PYSHIM_LOAD_PYTHON,
            0,
            0,
            c"",
            "a Python exception is set",
        ),
        (
            ffi::PYSHIM_LOAD_HEADER,
            0xBEEF,
            0xA25F_4442,
            c"",
            "the bindings have table beef and the C core has table a25f4442; compile both from one \
             release",
        ),
        (
            ffi::PYSHIM_LOAD_STRUCT,
            24,
            32,
            c"pyshim_critical_section",
            "`pyshim_critical_section` has 24 bytes in the bindings and 32 in the C core; compile \
             both from one release",
        ),
        (
            ffi::PYSHIM_LOAD_OBJECT,
            24,
            16,
            c"",
            "objects have heads of 24 bytes, and no CPython known here has them; GIL-enabled ones \
             have heads of 16",
        ),
        (
            ffi::PYSHIM_LOAD_UNPROTECTED,
            1,
            2,
            c"",
            "this module relies on critical sections, which do nothing here, and the GIL is forced \
             off, which would do their work",
        ),
        (
            ffi::PYSHIM_LOAD_POINTER,
            8,
            4,
            c"",
            "pointers have 8 bytes in the bindings and 4 in the C core",
        ),
        (
            ffi::PYSHIM_LOAD_BUILD,
            2,
            1,
            c"",
            "this module was compiled for GIL-enabled CPython and is loaded by a free-threaded one",
        ),
        (
            ffi::PYSHIM_LOAD_VERSION,
            0x030E,
            0x030F,
            c"",
            "this module was compiled for CPython 3.15 and is loaded by 3.14",
        ),
        (
            ffi::PYSHIM_LOAD_VERSION,
            0x0308,
            0x030B,
            c" or later",
            "this module was compiled for CPython 3.11 or later and is loaded by 3.8",
        ),
        (
            ffi::PYSHIM_LOAD_VERSION_LIES,
            0x030D_0CF0,
            0x030F_01F0,
            c"",
            "`sys.hexversion` is 30d0cf0 and `Py_Version` is 30f01f0; this CPython cannot be \
             trusted",
        ),
        (
            ffi::PYSHIM_LOAD_BUILD_LIES,
            16,
            32,
            c"sys.abiflags",
            "objects have heads of 16 bytes, and `sys.abiflags` speaks for heads of 32; this \
             CPython cannot be trusted",
        ),
        (
            ffi::PYSHIM_LOAD_SECTION,
            5,
            3,
            c"PyCriticalSection",
            "`PyCriticalSection` of the running CPython writes 5 words and the storage has 3; this \
             module needs a newer pyshim",
        ),
        (
            ffi::PYSHIM_LOAD_MISSING,
            0x1_0310,
            0x030F,
            c"pyshim_try_incref",
            "`pyshim_try_incref` cannot be had on free-threaded CPython 3.16, and this module \
             needs it; the newest CPython that this pyshim knows is 3.15",
        ),
        (
            ffi::PYSHIM_LOAD_MISSING,
            0x0310,
            0x030F,
            c"pyshim_try_incref",
            "`pyshim_try_incref` cannot be had on GIL-enabled CPython 3.16, and this module needs \
             it; the newest CPython that this pyshim knows is 3.15",
        ),
        (ffi::PYSHIM_LOAD_MEMORY, 0, 0, c"", "out of memory"),
    ];

    #[test]
    fn messages_give_both_values() {
        for &(status, found, expected, subject, message) in EXAMPLES {
            assert_eq!(
                format!("{}", error(status, found, expected, subject)),
                message
            );
        }
    }

    #[test]
    fn every_status_has_a_variant_and_a_message() {
        let exemplified: Vec<i32> = EXAMPLES.iter().map(|example| example.0).collect();
        let declared = include_str!("generated/ffi.rs").lines().filter_map(|line| {
            let (name, value) = line
                .trim()
                .strip_prefix("pub const PYSHIM_LOAD_")?
                .split_once(": ")?;
            let value = value.strip_prefix("c_int = ")?.strip_suffix(';')?;
            (name != "OK").then(|| value.parse::<i32>().expect("a status is a number"))
        });
        let declared: Vec<i32> = declared.collect();
        assert!(!declared.is_empty());
        for status in declared {
            assert!(
                exemplified.contains(&status),
                "status {status} has no example"
            );
            assert!(!matches!(
                error(status, 0, 0, c""),
                LoadError::Unknown { .. }
            ));
        }
    }

    #[test]
    fn an_unknown_status_is_passed_on() {
        let expected = LoadError::Unknown {
            status: 99,
            found: 1,
            expected: 2,
        };
        assert_eq!(error(99, 1, 2, c""), expected);
        assert_eq!(
            format!("{expected}"),
            "the C core reports status 99 with 1 found and 2 expected, which these bindings do not \
             know"
        );
    }
}
