//! A universal module in Rust, which nothing about a CPython goes into: built once, for all of them.

use core::ffi::{c_char, c_int, c_long, c_uint, c_void};
use core::ptr;
use core::sync::atomic::{AtomicI32, Ordering};

use pyshim::{
    Attached, Borrowed, Interpreters, ModGil, ModuleSlot, Needs, PyObject, TypeDefinition,
    with_critical_section,
};

/// CPython's stable ABI, as far as this module calls it.
mod cpython {
    use super::{PyObject, c_char, c_int, c_long, c_void};

    #[repr(C)]
    pub(super) struct PyMethodDef {
        pub(super) name: *const c_char,
        pub(super) method:
            Option<unsafe extern "C" fn(*mut PyObject, *mut PyObject) -> *mut PyObject>,
        pub(super) flags: c_int,
        pub(super) doc: *const c_char,
    }

    #[repr(C)]
    pub(super) struct PyTypeSlot {
        pub(super) slot: c_int,
        pub(super) function: *mut c_void,
    }

    // SAFETY: what these lead to is static and never changes.
    unsafe impl Sync for PyMethodDef {}
    // SAFETY: as above.
    unsafe impl Sync for PyTypeSlot {}

    pub(super) const METH_NOARGS: c_int = 0x4;
    pub(super) const METH_O: c_int = 0x8;
    /// A default type, from which others may derive.
    pub(super) const FLAGS: u32 = 1 << 10;
    /// Its objects are shown to a collector.
    pub(super) const HAVE_GC: u32 = 1 << 14;
    pub(super) const PY_TP_CLEAR: c_int = 51;
    pub(super) const PY_TP_DEALLOC: c_int = 52;
    pub(super) const PY_TP_TRAVERSE: c_int = 71;
    pub(super) const PY_TP_METHODS: c_int = 64;

    unsafe extern "C" {
        pub(super) fn PyLong_FromLong(value: c_long) -> *mut PyObject;
        pub(super) fn PyModule_GetState(module: *mut PyObject) -> *mut c_void;
        pub(super) fn PyObject_Type(object: *mut PyObject) -> *mut PyObject;
        pub(super) fn Py_DecRef(object: *mut PyObject);
        pub(super) fn Py_IncRef(object: *mut PyObject);
        pub(super) fn PyObject_SetAttrString(
            object: *mut PyObject,
            name: *const c_char,
            value: *mut PyObject,
        ) -> c_int;
        pub(super) static PyExc_ValueError: *mut PyObject;
    }
}

use cpython::{PyMethodDef, PyTypeSlot};

/// What each module object has.
struct State {
    calls: AtomicI32,
    kept: *mut PyObject,
}

/// What each counter has.
struct Counter {
    n: c_long,
}

unsafe extern "C" fn next(this: *mut PyObject, _: *mut PyObject) -> *mut PyObject {
    // SAFETY: Python calls this attached, with an object of the type.
    unsafe {
        let class = cpython::PyObject_Type(this);
        let state = COUNTER.state::<State>(class);
        cpython::Py_DecRef(class);
        if state.is_null() {
            return ptr::null_mut();
        }
        let counter = COUNTER.data::<Counter>(this);
        let object = Borrowed::from_ptr(ptr::NonNull::new_unchecked(this));
        let n = with_critical_section(Attached::assume(), object, || {
            (*counter).n += 1;
            (*counter).n
        });
        (*state).calls.fetch_add(1, Ordering::Relaxed);
        cpython::PyLong_FromLong(n)
    }
}

unsafe extern "C" fn calls(module: *mut PyObject, _: *mut PyObject) -> *mut PyObject {
    // SAFETY: Python calls this attached, with the module.
    unsafe {
        let state = cpython::PyModule_GetState(module).cast::<State>();
        cpython::PyLong_FromLong((*state).calls.load(Ordering::Relaxed).into())
    }
}

type Visit = unsafe extern "C" fn(*mut PyObject, *mut c_void) -> c_int;

/// Over an exception: what this has is shown, too.
unsafe extern "C" fn show_failure(this: *mut PyObject, visit: Visit, arg: *mut c_void) -> c_int {
    // SAFETY: CPython calls this with an object of the type, a visitproc, and what that takes.
    unsafe { FAILURE.traverse_base(this, visit, arg) }
}

unsafe extern "C" fn clear_failure(this: *mut PyObject) -> c_int {
    // SAFETY: CPython calls this attached, with an object of the type.
    unsafe { FAILURE.clear_base(this) }
}

/// Over an exception: what it counts is ended, and then what the exception has.
unsafe extern "C" fn end_failure(this: *mut PyObject) {
    // SAFETY: CPython calls this attached, once, with an object of the type.
    unsafe {
        ENDED.fetch_add(1, Ordering::Relaxed);
        FAILURE.dealloc_base(this);
    }
}

static ENDED: AtomicI32 = AtomicI32::new(0);

unsafe extern "C" fn ended(_: *mut PyObject, _: *mut PyObject) -> *mut PyObject {
    // SAFETY: Python calls this attached.
    unsafe { cpython::PyLong_FromLong(ENDED.load(Ordering::Relaxed).into()) }
}

unsafe extern "C" fn add_failure(module: *mut PyObject) -> c_int {
    // SAFETY: CPython calls this attached, with the module.
    unsafe {
        let made = FAILURE.make(module, cpython::PyExc_ValueError);
        if made.is_null() {
            return -1;
        }
        let result = cpython::PyObject_SetAttrString(module, c"Failure".as_ptr(), made);
        cpython::Py_DecRef(made);
        result
    }
}

/// The place of the object in the state, or NULL where there is no state yet.
///
/// # Safety
///
/// It is this module, and attached.
unsafe fn kept(module: *mut PyObject) -> *mut *mut PyObject {
    // SAFETY: as the caller says.
    unsafe {
        let state = cpython::PyModule_GetState(module).cast::<State>();
        match state.is_null() {
            true => ptr::null_mut(),
            false => &raw mut (*state).kept,
        }
    }
}

/// Keeps an object in the state. One thread does so.
unsafe extern "C" fn keep(module: *mut PyObject, object: *mut PyObject) -> *mut PyObject {
    // SAFETY: Python calls this attached, with the module, whose state is there.
    unsafe {
        cpython::Py_IncRef(object);
        let earlier = kept(module).replace(object);
        cpython::Py_DecRef(earlier);
        cpython::PyLong_FromLong(0)
    }
}

unsafe extern "C" fn traverse(
    module: *mut PyObject,
    visit: *mut c_void,
    arg: *mut c_void,
) -> c_int {
    // SAFETY: CPython gives a visitproc, and what that takes.
    unsafe {
        let visit: Visit = core::mem::transmute(visit);
        let kept = kept(module);
        match kept.is_null() || (*kept).is_null() {
            true => 0,
            false => visit(*kept, arg),
        }
    }
}

unsafe extern "C" fn clear(module: *mut PyObject) -> c_int {
    // SAFETY: CPython calls this attached, with the module.
    unsafe {
        let kept = kept(module);
        if !kept.is_null() {
            cpython::Py_DecRef(kept.replace(ptr::null_mut()));
        }
    }
    0
}

unsafe extern "C" fn free(module: *mut c_void) {
    // SAFETY: as for `clear`.
    unsafe {
        clear(module.cast());
    }
}

const fn method(
    name: &'static core::ffi::CStr,
    method: unsafe extern "C" fn(*mut PyObject, *mut PyObject) -> *mut PyObject,
    flags: c_int,
) -> PyMethodDef {
    PyMethodDef {
        name: name.as_ptr(),
        method: Some(method),
        flags,
        doc: ptr::null(),
    }
}

const LAST: PyMethodDef = PyMethodDef {
    name: ptr::null(),
    method: None,
    flags: 0,
    doc: ptr::null(),
};

static COUNTER_METHODS: [PyMethodDef; 2] = [method(c"next", next, cpython::METH_NOARGS), LAST];
static METHODS: [PyMethodDef; 4] = [
    method(c"ended", ended, cpython::METH_NOARGS),
    method(c"calls", calls, cpython::METH_NOARGS),
    method(c"keep", keep, cpython::METH_O),
    LAST,
];

static COUNTER_SLOTS: [PyTypeSlot; 3] = [
    PyTypeSlot {
        slot: cpython::PY_TP_DEALLOC,
        function: pyshim::ffi::pyshim_type_free as *mut c_void,
    },
    PyTypeSlot {
        slot: cpython::PY_TP_METHODS,
        function: (&raw const COUNTER_METHODS).cast_mut().cast(),
    },
    PyTypeSlot {
        slot: 0,
        function: ptr::null_mut(),
    },
];

static FAILURE_SLOTS: [PyTypeSlot; 4] = [
    PyTypeSlot {
        slot: cpython::PY_TP_TRAVERSE,
        function: show_failure as *mut c_void,
    },
    PyTypeSlot {
        slot: cpython::PY_TP_CLEAR,
        function: clear_failure as *mut c_void,
    },
    PyTypeSlot {
        slot: cpython::PY_TP_DEALLOC,
        function: end_failure as *mut c_void,
    },
    PyTypeSlot {
        slot: 0,
        function: ptr::null_mut(),
    },
];

static FAILURE: TypeDefinition =
    // SAFETY: the slots are static, and any counter is one.
    unsafe {
        TypeDefinition::new::<Counter, _>(
            c"demo_universal.Failure",
            (cpython::FLAGS | cpython::HAVE_GC) as c_uint,
            &raw const FAILURE_SLOTS,
        )
    };

static COUNTER: TypeDefinition =
    // SAFETY: the slots are static, and a counter of zeros is one.
    unsafe {
        TypeDefinition::new::<Counter, _>(
            c"demo_universal.Counter",
            cpython::FLAGS as c_uint,
            &raw const COUNTER_SLOTS,
        )
    };

pyshim::module! {
    demo_universal, Needs::CRITICAL_SECTION,
    [
        ModuleSlot::doc(c"Counters, in Rust."),
        ModuleSlot::state::<State>(),
        // SAFETY: they are static, and end with a zero one.
        unsafe { ModuleSlot::methods(&raw const METHODS) },
        ModuleSlot::type_(&COUNTER),
        // SAFETY: it takes any module.
        unsafe { ModuleSlot::exec(add_failure) },
        // SAFETY: they take what CPython gives them, also before there is a state.
        unsafe { ModuleSlot::traverse(traverse) },
        // SAFETY: as above.
        unsafe { ModuleSlot::clear(clear) },
        // SAFETY: as above.
        unsafe { ModuleSlot::free(free) },
        ModuleSlot::gil(ModGil::SECTIONS),
        ModuleSlot::interpreters(Interpreters::OwnGil),
    ]
}
