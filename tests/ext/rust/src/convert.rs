//! From Python's values to Rust's and back.

use core::ffi::{CStr, c_long};
use core::ptr::NonNull;

use pyshim::{Attached, Borrowed, Owned};

use crate::cpython;

/// What Python passes to a method: the one argument, a tuple of several, or nothing.
pub(crate) type Argument<'py> = Option<Borrowed<'py>>;

/// What a method returns; `None` when an exception is set.
pub(crate) type Outcome<'py> = Option<Owned<'py>>;

/// The items of the tuple of several arguments.
pub(crate) fn arguments<'py, const N: usize>(
    _attached: Attached<'py>,
    tuple: Argument<'py>,
) -> Option<[Borrowed<'py>; N]> {
    let tuple = tuple?;
    let mut items = [tuple; N];
    for (index, item) in (0..).zip(&mut items) {
        // SAFETY: attached, and a tuple lends its items as long as it is lent itself.
        *item = unsafe {
            let found = cpython::PyTuple_GetItem(tuple.as_ptr(), index);
            Borrowed::from_ptr(NonNull::new(found)?)
        };
    }
    Some(items)
}

pub(crate) fn to_number(_attached: Attached<'_>, object: Borrowed<'_>) -> Option<c_long> {
    // SAFETY: attached, and the object is alive.
    unsafe {
        let number = cpython::PyLong_AsLong(object.as_ptr());
        (number != -1 || cpython::PyErr_Occurred().is_null()).then_some(number)
    }
}

pub(crate) fn from_number<'py>(attached: Attached<'py>, number: i64) -> Outcome<'py> {
    // SAFETY: attached, and the reference is new.
    unsafe { Owned::from_nullable(attached, cpython::PyLong_FromLongLong(number)) }
}

pub(crate) fn from_bool<'py>(attached: Attached<'py>, value: bool) -> Outcome<'py> {
    // SAFETY: attached, and the reference is new.
    unsafe { Owned::from_nullable(attached, cpython::PyBool_FromLong(value.into())) }
}

pub(crate) fn from_text<'py>(attached: Attached<'py>, text: &CStr) -> Outcome<'py> {
    // SAFETY: attached, and the reference is new.
    unsafe { Owned::from_nullable(attached, cpython::PyUnicode_FromString(text.as_ptr())) }
}

pub(crate) fn none(_attached: Attached<'_>) -> Borrowed<'_> {
    // SAFETY: None lives as long as its interpreter, and its address is never NULL.
    unsafe { Borrowed::from_ptr(NonNull::new_unchecked(&raw mut cpython::_Py_NoneStruct)) }
}

/// Calls something without arguments.
pub(crate) fn call<'py>(attached: Attached<'py>, callable: Borrowed<'py>) -> Outcome<'py> {
    // SAFETY: attached, the callable is alive, and the reference is new.
    unsafe {
        let result = cpython::PyObject_CallObject(callable.as_ptr(), core::ptr::null_mut());
        Owned::from_nullable(attached, result)
    }
}
