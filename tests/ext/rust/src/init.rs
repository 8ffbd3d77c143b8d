//! The hook that CPython looks for before 3.15.

use core::cell::UnsafeCell;
use core::ffi::{c_int, c_void};
use core::ptr;

use pyshim::{MOD_GIL_SLOT, ModGil, Needs, PyObject};

use crate::module::{METHODS, Shared, exec};
use crate::upstream::{self, PyModuleDef, PyModuleDef_Base, PyModuleDef_Slot};

const PY_MOD_EXEC: c_int = 2;
#[cfg(Py_3_12)]
const PY_MOD_MULTIPLE_INTERPRETERS: c_int = 3;

static SLOTS: Shared<[PyModuleDef_Slot; 3 + cfg!(Py_3_12) as usize]> = Shared([
    PyModuleDef_Slot {
        slot: PY_MOD_EXEC,
        value: exec as *mut c_void,
    },
    PyModuleDef_Slot {
        slot: MOD_GIL_SLOT,
        value: ModGil::SECTIONS.slot_value(),
    },
    #[cfg(Py_3_12)]
    PyModuleDef_Slot {
        slot: PY_MOD_MULTIPLE_INTERPRETERS,
        value: ptr::null_mut(),
    },
    PyModuleDef_Slot {
        slot: 0,
        value: ptr::null_mut(),
    },
]);

/// What PyModuleDef_HEAD_INIT gives.
#[cfg(not(Py_GIL_DISABLED))]
const HEAD: upstream::PyObject = upstream::PyObject {
    #[cfg(not(Py_3_14))]
    ob_refcnt: 1,
    #[cfg(Py_3_14)]
    ob_refcnt_full: 1,
    ob_type: ptr::null_mut(),
};

/// What PyModuleDef_HEAD_INIT gives: immortal, and owned by no thread.
#[cfg(Py_GIL_DISABLED)]
const HEAD: upstream::PyObject = upstream::PyObject {
    ob_tid: 0,
    #[cfg(not(Py_3_14))]
    _padding: 0,
    #[cfg(Py_3_14)]
    ob_flags: 4, // _Py_STATICALLY_ALLOCATED_FLAG
    ob_mutex: upstream::PyMutex { _bits: 0 },
    ob_gc_bits: 0,
    ob_ref_local: u32::MAX,
    ob_ref_shared: 0,
    ob_type: ptr::null_mut(),
};

static DEFINITION: Shared<UnsafeCell<PyModuleDef>> = Shared(UnsafeCell::new(PyModuleDef {
    m_base: PyModuleDef_Base {
        ob_base: HEAD,
        m_init: ptr::null_mut(),
        m_index: 0,
        m_copy: ptr::null_mut(),
    },
    m_name: c"demo_rust".as_ptr(),
    m_doc: ptr::null(),
    m_size: 0,
    m_methods: (&raw const METHODS).cast_mut().cast(),
    m_slots: (&raw const SLOTS).cast_mut().cast(),
    m_traverse: ptr::null_mut(),
    m_clear: ptr::null_mut(),
    m_free: ptr::null_mut(),
}));

#[unsafe(no_mangle)]
unsafe extern "C" fn PyInit_demo_rust() -> *mut PyObject {
    // SAFETY: Python calls this attached, and everything is static.
    unsafe { pyshim::module_init(DEFINITION.0.get(), Needs::ALL) }
}
