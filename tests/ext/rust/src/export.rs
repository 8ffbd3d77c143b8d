//! The hook that CPython looks for from 3.15 on.

use core::ffi::c_void;
use core::mem::offset_of;
use core::ptr;

use pyshim::{MOD_GIL_SLOT, ModGil, Needs};

use crate::module::{METHODS, Shared, exec};
use crate::upstream::PySlot;

const PY_MOD_EXEC: u16 = 85;
const PY_MOD_MULTIPLE_INTERPRETERS: u16 = 86;
const PY_MOD_NAME: u16 = 100;
const PY_MOD_METHODS: u16 = 103;
const PY_MOD_ABI: u16 = 109;

const PYSLOT_STATIC: u16 = 2;
const PYSLOT_INTPTR: u16 = 4;

/// What was compiled; CPython compares it with what it is.
#[repr(C)]
struct PyABIInfo {
    major: u8,
    minor: u8,
    flags: u16,
    build_version: u32,
    abi_version: u32,
}

/// Only the stable ABI is used and no layout that depends on the build.
static ABI: PyABIInfo = PyABIInfo {
    major: 1,
    minor: 0,
    flags: 1 | 2 | 4, // stable, GIL-enabled, free-threaded
    build_version: 0,
    abi_version: 0x030F_0000,
};

/// A PySlot whose value is a pointer.
#[repr(C)]
struct Slot {
    id: u16,
    flags: u16,
    reserved: u32,
    pointer: *mut c_void,
    #[cfg(target_pointer_width = "32")]
    rest: u32,
}

const _: () = {
    assert!(size_of::<Slot>() == size_of::<PySlot>());
    assert!(offset_of!(Slot, id) == offset_of!(PySlot, sl_id));
    assert!(offset_of!(Slot, flags) == offset_of!(PySlot, sl_flags));
    assert!(offset_of!(Slot, reserved) == offset_of!(PySlot, sl_reserved));
    assert!(offset_of!(Slot, pointer) == offset_of!(PySlot, sl_uint64));
};

const fn slot(id: u16, flags: u16, pointer: *const c_void) -> Slot {
    Slot {
        id,
        flags,
        reserved: 0,
        pointer: pointer.cast_mut(),
        #[cfg(target_pointer_width = "32")]
        rest: 0,
    }
}

static SLOTS: Shared<[Slot; 7]> = Shared([
    slot(PY_MOD_NAME, PYSLOT_INTPTR, c"demo_rust".as_ptr().cast()),
    slot(
        PY_MOD_METHODS,
        PYSLOT_INTPTR | PYSLOT_STATIC,
        (&raw const METHODS).cast(),
    ),
    slot(PY_MOD_ABI, PYSLOT_INTPTR, (&raw const ABI).cast()),
    slot(PY_MOD_EXEC, PYSLOT_INTPTR, exec as *const c_void),
    slot(
        MOD_GIL_SLOT as u16,
        PYSLOT_INTPTR,
        ModGil::SECTIONS.slot_value(),
    ),
    slot(PY_MOD_MULTIPLE_INTERPRETERS, PYSLOT_INTPTR, ptr::null()),
    slot(0, 0, ptr::null()),
]);

#[unsafe(no_mangle)]
unsafe extern "C" fn PyModExport_demo_rust() -> *mut PySlot {
    // SAFETY: Python calls this attached, and everything is static.
    unsafe { pyshim::module_export((&raw const SLOTS).cast_mut().cast(), Needs::ALL) }
}
