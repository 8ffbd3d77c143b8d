// SPDX-License-Identifier: 0BSD
//! Initialisation: the C core compares what was compiled with what runs, and fills in its table.

use core::ptr;

use crate::{Attached, LoadError, ffi};

/// The families that a module cannot do without. Where one cannot be had, initialisation fails and
/// says so, rather than the first call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs(u32);

impl Needs {
    /// Critical sections.
    pub const CRITICAL_SECTION: Needs = Needs(ffi::PYSHIM_NEEDS_CRITICAL_SECTION);
    /// Try-incref.
    pub const TRY_INCREF: Needs = Needs(ffi::PYSHIM_NEEDS_TRY_INCREF);
    /// The atomic reference.
    pub const ATOMIC_REF: Needs = Needs(ffi::PYSHIM_NEEDS_ATOMIC_REF);
    /// Critical sections over mutexes.
    pub const SECTION_MUTEX: Needs = Needs(ffi::PYSHIM_NEEDS_SECTION_MUTEX);
    /// Everything that there is.
    pub const ALL: Needs = Needs(ffi::PYSHIM_NEEDS_ALL);

    /// Both.
    #[must_use]
    pub const fn union(self, other: Needs) -> Needs {
        Needs(self.0 | other.0)
    }

    /// These bindings in the words of the C core. They know no layout of CPython's, so the build
    /// is an opaque one, for any version and either build.
    pub(crate) const fn this_build(self) -> ffi::pyshim_build {
        ffi::pyshim_build {
            size: size_of::<ffi::pyshim_build>() as u32,
            table_hash: ffi::PYSHIM_TABLE_HASH,
            table_length: ffi::PYSHIM_TABLE_LENGTH,
            python: 0,
            limited: 0,
            flags: ffi::PYSHIM_BUILD_FLAGS_OPAQUE,
            needs: self.0,
            pointer_size: size_of::<*mut ()>() as u32,
            section_size: size_of::<ffi::pyshim_critical_section>() as u32,
            section2_size: size_of::<ffi::pyshim_critical_section2>() as u32,
            reserved: ptr::null_mut(),
        }
    }
}

/// Makes everything ready for the running CPython, the first time; later calls only compare. Until
/// then functions that can fail raise SystemError, and the others end the process.
///
/// [`module_init`](crate::module_init) and [`module_export`](crate::module_export) do this too, with
/// ImportError, and settle the GIL, which this does not. A module that uses neither and keeps the GIL
/// off by other means has to see that [`sections`](crate::sections) lock; on every free-threaded
/// CPython so far they do.
///
/// # Errors
///
/// When this binary cannot run on this CPython, or `needs` cannot be met.
pub fn init(_attached: Attached<'_>, needs: Needs) -> Result<(), LoadError> {
    let build = needs.this_build();
    let mut report = ffi::pyshim_report {
        size: size_of::<ffi::pyshim_report>() as u32,
        status: ffi::PYSHIM_LOAD_OK,
        found: 0,
        expected: 0,
        subject: ptr::null(),
        reserved: ptr::null_mut(),
    };
    // SAFETY: the thread is attached, and both structs are of the sizes that they give.
    match unsafe { ffi::pyshim_load(&raw const build, &raw mut report) } {
        0 => Ok(()),
        // SAFETY: the C core filled it in.
        _ => Err(unsafe { LoadError::from_report(&report) }),
    }
}
