// SPDX-License-Identifier: 0BSD
//! A place for one reference that any thread may read and write.

use core::cell::UnsafeCell;
use core::ffi::{CStr, c_void};
use core::fmt;
use core::panic::RefUnwindSafe;
use core::ptr::{self, NonNull};

use crate::{Attached, Borrowed, Owned, PyObject, ffi};

/// A cell that holds a reference of its own to one object, or to none. Threads of its interpreter
/// read and write it at once, without a lock, and a reader gets the object alive or not at all.
///
/// All bytes zero are an empty cell, so memory that CPython allocated for an object may contain
/// one; [`from_ptr`](Self::from_ptr) gets at it.
///
/// Dropping a cell leaks what it holds, for a drop may come where no thread is attached or no
/// Python is left. Whoever owns the cell calls [`clear`](Self::clear), from `tp_clear`,
/// `tp_dealloc` or `m_free`, and visits [`peek`](Self::peek) from `tp_traverse`.
///
/// ```no_run
/// use pyshim::{AtomicRef, Attached, Borrowed, Owned};
///
/// // SAFETY: this module refuses to be imported by a second interpreter.
/// static LATEST: AtomicRef = unsafe { AtomicRef::new() };
///
/// fn replace<'py>(attached: Attached<'py>, object: Borrowed<'_>) -> Option<Owned<'py>> {
///     LATEST.swap(attached, Some(object))
/// }
/// ```
#[repr(transparent)]
pub struct AtomicRef(UnsafeCell<ffi::pyshim_atomic_ref>);

// SAFETY: what it holds is read, written, taken and given back through the C core only, which does
// each atomically with regard to the others, and only by threads that are attached.
unsafe impl Sync for AtomicRef {}
// SAFETY: nothing in it belongs to a thread.
unsafe impl Send for AtomicRef {}
// A panic cannot leave it half-written, as with the atomics of `core`.
impl RefUnwindSafe for AtomicRef {}

impl AtomicRef {
    /// An empty cell.
    ///
    /// # Safety
    ///
    /// Each [`Attached`] that the cell is used with is about one and the same interpreter. In a
    /// module that several interpreters may import, that rules out a `static`.
    #[must_use]
    pub const unsafe fn new() -> Self {
        AtomicRef(UnsafeCell::new(ffi::pyshim_atomic_ref {
            value: ptr::null_mut(),
            reserved: ptr::null_mut::<c_void>(),
        }))
    }

    /// A cell in memory that is not Rust's, such as an object's.
    ///
    /// # Safety
    ///
    /// As for [`new`](Self::new), and `place` has been a cell, or zeros, since before `'a` began,
    /// remains where it is until `'a` is over, and is used as a cell only.
    #[inline]
    #[must_use]
    pub const unsafe fn from_ptr<'a>(place: *mut ffi::pyshim_atomic_ref) -> &'a Self {
        // SAFETY: the layouts are the same, and the caller sees to the rest.
        unsafe { &*place.cast::<AtomicRef>() }
    }

    /// The place, for C.
    #[inline]
    #[must_use]
    pub const fn as_ptr(&self) -> *mut ffi::pyshim_atomic_ref {
        self.0.get()
    }

    /// What it holds.
    #[inline]
    #[must_use]
    pub fn load<'py>(&self, attached: Attached<'py>) -> Option<Owned<'py>> {
        // SAFETY: the thread is attached, the cell is one, and the reference is new.
        unsafe { Owned::from_nullable(attached, ffi::pyshim_atomic_ref_load(self.as_ptr())) }
    }

    /// Puts `value` into it and gives back what was there, which may run any code.
    #[inline]
    pub fn store(&self, _attached: Attached<'_>, value: Option<Borrowed<'_>>) {
        // SAFETY: the thread is attached, the cell is one, and the value is alive.
        unsafe { ffi::pyshim_atomic_ref_store(self.as_ptr(), nullable(value)) }
    }

    /// Puts `value` into it and returns what was there.
    #[inline]
    #[must_use = "`store` does not return the old value"]
    pub fn swap<'py>(
        &self,
        attached: Attached<'py>,
        value: Option<Borrowed<'_>>,
    ) -> Option<Owned<'py>> {
        // SAFETY: the thread is attached, the cell is one, the value is alive, and the reference
        // that comes back is ours.
        unsafe {
            let old = ffi::pyshim_atomic_ref_swap(self.as_ptr(), nullable(value));
            Owned::from_nullable(attached, old)
        }
    }

    /// Puts `desired` into it if it holds `expected`, the very same object, which it then gives
    /// back. Says whether it did.
    #[inline]
    #[must_use = "it may hold something else"]
    pub fn compare_exchange(
        &self,
        _attached: Attached<'_>,
        expected: Option<Borrowed<'_>>,
        desired: Option<Borrowed<'_>>,
    ) -> bool {
        let (expected, desired) = (nullable(expected), nullable(desired));
        // SAFETY: the thread is attached, the cell is one, and both objects are alive, so that no
        // other has the address of the expected one.
        unsafe { ffi::pyshim_atomic_ref_compare_exchange(self.as_ptr(), expected, desired) != 0 }
    }

    /// Empties it, which may run any code.
    #[inline]
    pub fn clear(&self, attached: Attached<'_>) {
        self.store(attached, None);
    }

    /// Whether it holds `object` at this moment, for the price of one load. Nothing is ordered
    /// between threads by it.
    #[inline]
    #[must_use]
    pub fn holds(&self, _attached: Attached<'_>, object: Borrowed<'_>) -> bool {
        // SAFETY: the cell is one, and what it holds is only compared, with an object that is alive,
        // so that no other has its address.
        unsafe { ffi::pyshim_atomic_ref_peek(self.as_ptr()) == object.as_ptr() }
    }

    /// What it holds, without a reference: good for a visit by the collector and for nothing else.
    ///
    /// # Safety
    ///
    /// Inside of `tp_traverse`, while the collector keeps other threads away.
    #[inline]
    #[must_use]
    pub unsafe fn peek(&self) -> Option<NonNull<PyObject>> {
        // SAFETY: as the caller says, and the cell is one.
        NonNull::new(unsafe { ffi::pyshim_atomic_ref_peek(self.as_ptr()) })
    }

    /// What keeps an object alive between reading the cell and taking the reference, in this
    /// process: "gil" or "hazard", or "unknown" before [`init`](crate::init()).
    #[must_use]
    pub fn scheme() -> &'static CStr {
        // SAFETY: it needs neither initialisation nor a thread state, and returns a static text.
        unsafe { CStr::from_ptr(ffi::pyshim_atomic_ref_scheme()) }
    }
}

impl fmt::Debug for AtomicRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AtomicRef").finish_non_exhaustive()
    }
}

fn nullable(object: Option<Borrowed<'_>>) -> *mut PyObject {
    object.map_or(ptr::null_mut(), Borrowed::as_ptr)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_has_the_layout_of_c_and_is_zero_when_empty() {
        assert_eq!(size_of::<AtomicRef>(), size_of::<ffi::pyshim_atomic_ref>());
        assert_eq!(
            align_of::<AtomicRef>(),
            align_of::<ffi::pyshim_atomic_ref>()
        );
        // SAFETY: nobody uses it with any interpreter.
        let empty = unsafe { AtomicRef::new() };
        // SAFETY: nobody else has the cell.
        let fields = unsafe { &*empty.as_ptr() };
        assert!(fields.value.is_null() && fields.reserved.is_null());
    }
}
