//! The module: its methods, and what is done once it exists.

use core::ffi::{CStr, c_int};
use core::ptr;

use pyshim::{Attached, Borrowed, PyObject};

use crate::cpython::{self, METH_NOARGS, METH_O, METH_VARARGS, PyMethodDef};
use crate::{cell, mutex, once, references, runtime, sections, stack, view};

/// Something static that CPython is given the address of.
#[repr(transparent)]
pub(crate) struct Shared<T>(pub(crate) T);

// SAFETY: Rust never looks at it again.
unsafe impl<T> Sync for Shared<T> {}

/// A method from a function of this crate.
macro_rules! method {
    ($name:literal, $function:path, $flags:expr) => {{
        unsafe extern "C" fn call(_: *mut PyObject, argument: *mut PyObject) -> *mut PyObject {
            // SAFETY: Python calls methods attached, and `attached` ends with the call.
            let attached = unsafe { Attached::assume() };
            // SAFETY: Python lends the argument for the call.
            let argument = unsafe { Borrowed::from_nullable(argument) };
            let outcome = $function(attached, argument);
            outcome.map_or(ptr::null_mut(), |result| result.into_ptr().as_ptr())
        }
        let name: &'static CStr = $name;
        PyMethodDef {
            ml_name: name.as_ptr(),
            ml_meth: Some(call),
            ml_flags: $flags,
            ml_doc: ptr::null(),
        }
    }};
}

pub(crate) static METHODS: Shared<[PyMethodDef; 47]> = Shared([
    method!(c"count", sections::count, METH_VARARGS),
    method!(c"count2", sections::count2, METH_VARARGS),
    method!(c"count_checked", sections::count_checked, METH_VARARGS),
    method!(c"count_and_panic", sections::count_and_panic, METH_VARARGS),
    method!(c"begin2_checked", sections::begin2_checked, METH_VARARGS),
    method!(c"reset", sections::reset, METH_NOARGS),
    method!(c"total", sections::total, METH_NOARGS),
    method!(c"status", runtime::status, METH_NOARGS),
    method!(c"scheme", runtime::scheme, METH_NOARGS),
    method!(c"providers", runtime::providers, METH_NOARGS),
    method!(c"init_again", runtime::init_again, METH_NOARGS),
    method!(c"decide_used", runtime::decide_used, METH_NOARGS),
    method!(c"decide_either", runtime::decide_either, METH_NOARGS),
    method!(c"set_gil", runtime::set_gil, METH_O),
    method!(c"try_incref", references::try_incref, METH_O),
    method!(c"enable", references::enable, METH_O),
    method!(c"cell_load", cell::load, METH_NOARGS),
    method!(c"cell_store", cell::store, METH_O),
    method!(c"cell_swap", cell::swap, METH_O),
    method!(c"cell_cas", cell::compare_exchange, METH_VARARGS),
    method!(c"cell_clear", cell::clear, METH_NOARGS),
    method!(c"cell_is", cell::is, METH_O),
    method!(c"cell_hammer", cell::hammer, METH_VARARGS),
    method!(c"stack_pair", stack::pair, METH_O),
    method!(c"stack_leak", stack::leak, METH_O),
    method!(c"mutex_lock", mutex::lock, METH_NOARGS),
    method!(c"mutex_try_lock", mutex::try_lock, METH_NOARGS),
    method!(c"mutex_unlock", mutex::unlock, METH_NOARGS),
    method!(c"mutex_is_locked", mutex::is_locked, METH_NOARGS),
    method!(c"mutex_scheme", mutex::scheme, METH_NOARGS),
    method!(c"mutex_count", mutex::count, METH_VARARGS),
    method!(c"mutex_section_count", mutex::section_count, METH_VARARGS),
    method!(c"mutex_section2_count", mutex::section2_count, METH_VARARGS),
    method!(c"mutex_section_call", mutex::section_call, METH_O),
    method!(c"once_call", once::call_once, METH_O),
    method!(c"once_is_done", once::is_done, METH_NOARGS),
    method!(c"once_object_make", once::make, METH_O),
    method!(c"once_object_get", once::get, METH_NOARGS),
    method!(c"once_object_clear", once::clear, METH_NOARGS),
    method!(c"view_send", view::send, METH_O),
    method!(c"view_try", view::send_for_a_moment, METH_O),
    method!(c"view_open", view::open, METH_O),
    method!(c"view_close", view::close, METH_O),
    method!(c"view_withdraw", view::withdraw, METH_O),
    method!(c"view_count", view::count, METH_NOARGS),
    method!(c"view_enter", view::enter, METH_NOARGS),
    PyMethodDef {
        ml_name: ptr::null(),
        ml_meth: None,
        ml_flags: 0,
        ml_doc: ptr::null(),
    },
]);

/// Says that calls go through the table, as they always do in Rust.
pub(crate) unsafe extern "C" fn exec(module: *mut PyObject) -> c_int {
    // SAFETY: Python calls this attached, with the new module; False lives for ever.
    unsafe {
        cpython::PyObject_SetAttrString(module, c"direct".as_ptr(), cpython::PyBool_FromLong(0))
    }
}
