// SPDX-License-Identifier: 0BSD
//! References to objects: owned ones, which are given back when dropped, and borrowed ones.

use core::marker::PhantomData;
use core::mem;
use core::ptr::NonNull;

use crate::{Attached, PyObject};

unsafe extern "C" {
    pub(crate) fn Py_IncRef(object: *mut PyObject);
    pub(crate) fn Py_DecRef(object: *mut PyObject);
}

/// A reference that somebody else keeps alive during `'a`. Two are equal when they are to the very
/// same object.
///
/// ```compile_fail,E0505
/// use pyshim::{Attached, Owned, enable_try_incref};
///
/// fn too_late(attached: Attached<'_>, owned: Owned<'_>) {
///     let borrowed = owned.borrow();
///     drop(owned);
///     enable_try_incref(attached, borrowed);
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Borrowed<'a> {
    object: NonNull<PyObject>,
    lender: PhantomData<&'a PyObject>,
}

impl<'a> Borrowed<'a> {
    /// Borrows an object.
    ///
    /// # Safety
    ///
    /// The object is one of the interpreter whose [`Attached`] it is used with, and somebody has a
    /// reference to it during `'a`.
    #[inline]
    #[must_use]
    pub const unsafe fn from_ptr(object: NonNull<PyObject>) -> Self {
        Borrowed {
            object,
            lender: PhantomData,
        }
    }

    /// Borrows an object, or none for NULL.
    ///
    /// # Safety
    ///
    /// As for [`from_ptr`](Self::from_ptr) unless it is NULL.
    #[inline]
    #[must_use]
    pub unsafe fn from_nullable(object: *mut PyObject) -> Option<Self> {
        // SAFETY: the caller knows that whatever is not NULL is alive.
        NonNull::new(object).map(|object| unsafe { Borrowed::from_ptr(object) })
    }

    /// The address.
    #[inline]
    #[must_use]
    pub const fn as_ptr(self) -> *mut PyObject {
        self.object.as_ptr()
    }

    /// The address, for tables that keep no reference and ask [`try_incref`](crate::try_incref()).
    #[inline]
    #[must_use]
    pub const fn as_non_null(self) -> NonNull<PyObject> {
        self.object
    }

    /// Takes a reference of one's own.
    #[inline]
    #[must_use]
    pub fn to_owned<'py>(self, attached: Attached<'py>) -> Owned<'py> {
        // SAFETY: the thread is attached and the object is alive, and the new reference goes to
        // the result.
        unsafe {
            Py_IncRef(self.as_ptr());
            Owned::from_ptr(attached, self.object)
        }
    }
}

/// A reference of one's own, given back when it is dropped, which is before the thread detaches. Two
/// are equal when they are to the very same object.
///
/// ```compile_fail
/// use pyshim::{AtomicRef, Attached, Owned};
///
/// fn too_long<'py>(attached: Attached<'py>, cell: &AtomicRef) -> Option<Owned<'static>> {
///     cell.load(attached)
/// }
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Owned<'py> {
    object: NonNull<PyObject>,
    attached: PhantomData<Attached<'py>>,
}

impl<'py> Owned<'py> {
    /// Takes over a reference.
    ///
    /// # Safety
    ///
    /// The object is one of the interpreter that `attached` is about, and the caller has a
    /// reference to it, which now is the result's.
    #[inline]
    #[must_use]
    pub const unsafe fn from_ptr(_attached: Attached<'py>, object: NonNull<PyObject>) -> Self {
        Owned {
            object,
            attached: PhantomData,
        }
    }

    /// Takes over a reference, or none for NULL, as CPython's functions return it.
    ///
    /// # Safety
    ///
    /// As for [`from_ptr`](Self::from_ptr) unless it is NULL.
    #[inline]
    #[must_use]
    pub unsafe fn from_nullable(attached: Attached<'py>, object: *mut PyObject) -> Option<Self> {
        // SAFETY: the caller has a reference to whatever is not NULL.
        NonNull::new(object).map(|object| unsafe { Owned::from_ptr(attached, object) })
    }

    /// The same reference, lent.
    #[inline]
    #[must_use]
    pub const fn borrow(&self) -> Borrowed<'_> {
        Borrowed {
            object: self.object,
            lender: PhantomData,
        }
    }

    /// The address.
    #[inline]
    #[must_use]
    pub const fn as_ptr(&self) -> *mut PyObject {
        self.object.as_ptr()
    }

    /// The address together with the reference, such as a method returns to Python.
    #[inline]
    #[must_use]
    pub const fn into_ptr(self) -> NonNull<PyObject> {
        let object = self.object;
        mem::forget(self);
        object
    }
}

impl Drop for Owned<'_> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: `'py` is not over, so the thread is attached, and the reference is ours.
        unsafe { Py_DecRef(self.as_ptr()) }
    }
}
