// SPDX-License-Identifier: 0BSD
//! The module GIL slot, and the hooks through which Python asks for a module.

use core::ffi::{c_int, c_void};
use core::ptr;

use crate::{Attached, Needs, PyObject, Raised, ffi};

/// The id of the GIL slot in a module's slots, until [`module_init`] or [`module_export`] puts the
/// running CPython's in its place, or leaves it out. The value is [`ModGil::slot_value`].
pub const MOD_GIL_SLOT: c_int = ffi::PYSHIM_MOD_GIL_SLOT;

/// What a module relies on to do without the GIL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModGil(u32);

impl ModGil {
    /// It always needs the GIL.
    pub const USED: ModGil = ModGil(0);
    /// It does without where critical sections lock as CPython 3.15 froze them, and cannot fail.
    pub const SECTIONS: ModGil = ModGil(ffi::PYSHIM_MOD_GIL_SECTIONS);
    /// It does without where critical sections lock in another way, which may use the reserve or
    /// fail.
    pub const SUCCESSOR: ModGil = ModGil(ffi::PYSHIM_MOD_GIL_SUCCESSOR);

    /// Either will do.
    #[must_use]
    pub const fn union(self, other: ModGil) -> ModGil {
        ModGil(self.0 | other.0)
    }

    /// The value of a slot [`MOD_GIL_SLOT`].
    #[must_use]
    pub const fn slot_value(self) -> *mut c_void {
        ptr::without_provenance_mut(self.0 as usize)
    }
}

/// Whether a module that relies on `bits` does without the GIL in the running CPython, for modules
/// whose slots it is not among. It does what [`init`](crate::init()) does first.
///
/// # Errors
///
/// When initialisation fails, or the module needs the GIL and PYTHON_GIL or `-X gil` keeps it off.
pub fn gil_decide(_attached: Attached<'_>, bits: ModGil, needs: Needs) -> Result<bool, Raised> {
    let build = needs.this_build();
    // SAFETY: the thread is attached, and the build is a valid one.
    match unsafe { ffi::pyshim_gil_decide(bits.0, &raw const build) } {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Raised::new()),
    }
}

/// Says of a module with single-phase initialisation, which has no slots, what [`MOD_GIL_SLOT`] says
/// of others. It does what [`init`](crate::init()) does first.
///
/// # Errors
///
/// As [`gil_decide`].
///
/// # Safety
///
/// `module` is a module of the running CPython.
pub unsafe fn module_set_gil(
    _attached: Attached<'_>,
    module: *mut PyObject,
    bits: ModGil,
    needs: Needs,
) -> Result<(), Raised> {
    let build = needs.this_build();
    // SAFETY: the thread is attached, the build is a valid one, and the module is one.
    match unsafe { ffi::pyshim_module_set_gil_build(module, bits.0, &raw const build) } {
        0 => Ok(()),
        _ => Err(Raised::new()),
    }
}

/// Initialises pyshim, puts the GIL slot in order, and returns what `PyInit_NAME` is to return:
/// the definition, or NULL with an exception.
///
/// ```no_run
/// use pyshim::{Needs, PyObject};
///
/// # #[repr(C)]
/// # struct PyModuleDef(u8);
/// # static mut DEFINITION: PyModuleDef = PyModuleDef(0);
/// #[unsafe(no_mangle)]
/// unsafe extern "C" fn PyInit_example() -> *mut PyObject {
///     // SAFETY: Python calls this attached, and the definition is static.
///     unsafe { pyshim::module_init(&raw mut DEFINITION, Needs::ALL) }
/// }
/// ```
///
/// # Safety
///
/// The thread is attached. `definition` is a `PyModuleDef` with the layout of the running CPython,
/// valid as long as the process, and so are its slots.
pub unsafe fn module_init<Definition>(definition: *mut Definition, needs: Needs) -> *mut PyObject {
    let build = needs.this_build();
    // SAFETY: as the caller says.
    unsafe { ffi::pyshim_module_init_build(definition.cast(), &raw const build) }
}

/// Initialises pyshim, puts the GIL slot in order, and returns what `PyModExport_NAME` is to
/// return: slots, or NULL with an exception.
///
/// # Safety
///
/// The thread is attached. `slots` is an array of `PySlot` that ends in a zero one, valid as long
/// as the process.
pub unsafe fn module_export<Slot>(slots: *mut Slot, needs: Needs) -> *mut Slot {
    let build = needs.this_build();
    // SAFETY: as the caller says.
    unsafe { ffi::pyshim_module_export_build(slots.cast(), &raw const build) }.cast()
}
