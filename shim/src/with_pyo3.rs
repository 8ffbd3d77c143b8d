// SPDX-License-Identifier: 0BSD
//! PyO3's words in pyshim's, and back.

extern crate alloc;

use alloc::string::ToString as _;
use core::ptr::NonNull;

use pyo3::exceptions::PyImportError;
use pyo3::{Bound, Py, PyAny, PyErr, Python};

use crate::{Attached, Borrowed, LoadError, Owned, Raised};

impl<'py> From<Python<'py>> for Attached<'py> {
    #[inline]
    fn from(_py: Python<'py>) -> Self {
        // SAFETY: PyO3's proof is of the same, for as long.
        unsafe { Attached::assume() }
    }
}

/// PyO3 lets one interpreter of a process have its modules, so an object is of the one that a thread is
/// attached to.
impl<'a, T> From<&'a Bound<'_, T>> for Borrowed<'a> {
    #[inline]
    fn from(object: &'a Bound<'_, T>) -> Self {
        lend(object.as_ptr())
    }
}

/// As for `Bound`.
impl<'a, T> From<&'a Py<T>> for Borrowed<'a> {
    #[inline]
    fn from(object: &'a Py<T>) -> Self {
        lend(object.as_ptr())
    }
}

fn lend<'a>(object: *mut pyo3::ffi::PyObject) -> Borrowed<'a> {
    // SAFETY: what is lent for `'a` keeps its object alive, and its pointer is never NULL.
    unsafe { Borrowed::from_ptr(NonNull::new_unchecked(object)) }
}

impl<'py, T> From<Bound<'py, T>> for Owned<'py> {
    #[inline]
    fn from(object: Bound<'py, T>) -> Self {
        let attached = object.py().into();
        // SAFETY: the reference goes from the one to the other, and its pointer is never NULL.
        unsafe { Owned::from_ptr(attached, NonNull::new_unchecked(object.into_ptr())) }
    }
}

impl<'py> Owned<'py> {
    /// The same reference as PyO3 has it.
    #[inline]
    #[must_use]
    pub fn into_bound(self, py: Python<'py>) -> Bound<'py, PyAny> {
        // SAFETY: the reference goes from the one to the other.
        unsafe { Bound::from_owned_ptr(py, self.into_ptr().as_ptr()) }
    }
}

/// Takes the exception that is set.
impl From<Raised> for PyErr {
    fn from(_: Raised) -> Self {
        // It is set in this thread, which is attached, so nothing waits here.
        Python::attach(PyErr::fetch)
    }
}

/// An `ImportError` that says why, or the exception that Python has raised.
impl From<LoadError> for PyErr {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Python(raised) => raised.into(),
            other => PyImportError::new_err(other.to_string()),
        }
    }
}
