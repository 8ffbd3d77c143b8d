// SPDX-License-Identifier: 0BSD
//! Taking a reference to an object that may be dying.

use core::ptr::NonNull;

use crate::{Attached, Borrowed, Owned, PyObject, ffi};

/// Takes a reference to `object` unless it is dying. On free-threaded builds it may also refuse
/// when nobody called [`enable_try_incref`] for the object.
///
/// # Safety
///
/// The object is one of the interpreter that `attached` is about. It may be dying, but its memory
/// is not given back during the call, which try-incref itself cannot see to; where that is the
/// difficulty, [`AtomicRef`](crate::AtomicRef) is the answer.
#[inline]
#[must_use]
pub unsafe fn try_incref<'py>(
    attached: Attached<'py>,
    object: NonNull<PyObject>,
) -> Option<Owned<'py>> {
    // SAFETY: the thread is attached and the memory is valid, and after 1 there is a reference
    // that is ours.
    unsafe {
        match ffi::pyshim_try_incref(object.as_ptr()) {
            0 => None,
            _ => Some(Owned::from_ptr(attached, object)),
        }
    }
}

/// Makes it sure that [`try_incref`] succeeds while `object` lives. Its owner calls this once,
/// before others see it. CPython then no longer takes the object for one with a single reference.
#[inline]
pub fn enable_try_incref(_attached: Attached<'_>, object: Borrowed<'_>) {
    // SAFETY: the thread is attached, and somebody has a reference to the object.
    unsafe { ffi::pyshim_enable_try_incref(object.as_ptr()) }
}
