// SPDX-License-Identifier: 0BSD
//! Initialisation that happens once.

use core::cell::UnsafeCell;
use core::ffi::c_void;
use core::fmt;
use core::panic::RefUnwindSafe;
use core::ptr::{self, NonNull};

use crate::{Attached, Borrowed, Owned, Raised, ffi};

/// Initialisation that happens once. Threads that ask meanwhile wait without holding up Python; where
/// it failed, the next one tries; and a thread that asks for what it is initialising itself gets an
/// exception instead of a deadlock.
///
/// ```no_run
/// use pyshim::{Attached, Once, Raised};
///
/// static READY: Once = Once::new();
///
/// fn make_ready(attached: Attached<'_>) -> Result<(), Raised> {
///     READY.call(attached, || Ok(()))
/// }
/// ```
#[repr(transparent)]
pub struct Once(UnsafeCell<ffi::pyshim_once>);

// SAFETY: the C core reads and writes it atomically, or under its lock.
unsafe impl Sync for Once {}
// SAFETY: nothing in it belongs to a thread, unless one is initialising and borrows it.
unsafe impl Send for Once {}
// A panic counts as a failure.
impl RefUnwindSafe for Once {}

impl Once {
    /// What is not initialised.
    #[inline]
    #[must_use]
    pub const fn new() -> Self {
        Once(UnsafeCell::new(ffi::pyshim_once {
            done: 0,
            lock: 0,
            owner: 0,
            reserved: ptr::null_mut::<c_void>(),
        }))
    }

    /// The place, for C.
    #[inline]
    #[must_use]
    pub const fn as_ptr(&self) -> *mut ffi::pyshim_once {
        self.0.get()
    }

    /// Whether it is initialised, in which case all that was done for it is seen.
    #[inline]
    #[must_use]
    pub fn is_done(&self) -> bool {
        // SAFETY: it is one, and stays where it is while it is borrowed.
        unsafe { ffi::pyshim_once_is_done(self.as_ptr()) != 0 }
    }

    /// Runs `initialise` unless that has been done. A panic of it is a failure too.
    ///
    /// # Errors
    ///
    /// What `initialise` returns, or RuntimeError when this thread is initialising it already.
    pub fn call<E: From<Raised>>(
        &self,
        _attached: Attached<'_>,
        initialise: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        // SAFETY: the thread is attached, and it is one.
        match unsafe { ffi::pyshim_once_begin(self.as_ptr()) } {
            0 => Ok(()),
            1 => {
                let mut attempt = Attempt {
                    once: self,
                    succeeded: false,
                };
                initialise()?;
                attempt.succeeded = true;
                Ok(())
            }
            _ => Err(Raised::new().into()),
        }
    }
}

impl Default for Once {
    fn default() -> Self {
        Once::new()
    }
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Once")
            .field("done", &self.is_done())
            .finish_non_exhaustive()
    }
}

/// Says on the way out how it went.
struct Attempt<'a> {
    once: &'a Once,
    succeeded: bool,
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        // SAFETY: this thread has begun, and is attached as it was then.
        unsafe { ffi::pyshim_once_end(self.once.as_ptr(), self.succeeded.into()) }
    }
}

/// An object that is made once, in a module's state or in another object, as [`Once`] does it.
///
/// Dropping it leaks the object, for a drop may come where no thread is attached. Whoever owns it
/// calls [`clear`](Self::clear) from `m_clear`, `m_free`, `tp_clear` or `tp_dealloc`, and visits
/// [`get`](Self::get) from `m_traverse` or `tp_traverse`.
#[repr(transparent)]
pub struct OnceObject(UnsafeCell<ffi::pyshim_once_object>);

// SAFETY: the object is written under the lock, before the flag that is read first.
unsafe impl Sync for OnceObject {}
// SAFETY: nothing in it belongs to a thread, unless one is making the object and borrows it.
unsafe impl Send for OnceObject {}
// A panic counts as a failure.
impl RefUnwindSafe for OnceObject {}

impl OnceObject {
    /// None yet.
    ///
    /// # Safety
    ///
    /// Each [`Attached`] that it is used with is about one and the same interpreter. In a module that
    /// several interpreters may import, that rules out a `static`.
    #[inline]
    #[must_use]
    pub const unsafe fn new() -> Self {
        OnceObject(UnsafeCell::new(ffi::pyshim_once_object {
            done: 0,
            lock: 0,
            owner: 0,
            value: ptr::null_mut(),
            reserved: ptr::null_mut::<c_void>(),
        }))
    }

    /// One in memory that is not Rust's, such as a module's state.
    ///
    /// # Safety
    ///
    /// As for [`new`](Self::new), and `place` has been one, or zeros, since before `'a` began, remains
    /// where it is until `'a` is over, and is used as one only.
    #[inline]
    #[must_use]
    pub const unsafe fn from_ptr<'a>(place: *mut ffi::pyshim_once_object) -> &'a Self {
        // SAFETY: the layouts are the same, and the caller sees to the rest.
        unsafe { &*place.cast::<OnceObject>() }
    }

    /// The place, for C.
    #[inline]
    #[must_use]
    pub const fn as_ptr(&self) -> *mut ffi::pyshim_once_object {
        self.0.get()
    }

    /// The object, if it is there.
    #[inline]
    #[must_use]
    pub fn get<'a>(&'a self, _attached: Attached<'a>) -> Option<Borrowed<'a>> {
        // SAFETY: the thread is attached, and the object is there until `clear`, whose caller answers
        // for what was borrowed.
        unsafe {
            NonNull::new(ffi::pyshim_once_object_get(self.as_ptr()))
                .map(|object| Borrowed::from_ptr(object))
        }
    }

    /// The object, made by `make` unless it is there. A panic of `make` is a failure too.
    ///
    /// # Errors
    ///
    /// What `make` returns, or RuntimeError when this thread is making it already.
    pub fn get_or_make<'a, 'py: 'a, E: From<Raised>>(
        &'a self,
        attached: Attached<'py>,
        make: impl FnOnce() -> Result<Owned<'py>, E>,
    ) -> Result<Borrowed<'a>, E> {
        // SAFETY: the thread is attached, and it is one.
        match unsafe { ffi::pyshim_once_object_begin(self.as_ptr()) } {
            0 => {}
            1 => {
                let mut making = Making {
                    once: self,
                    object: ptr::null_mut(),
                };
                making.object = make()?.into_ptr().as_ptr();
            }
            _ => return Err(Raised::new().into()),
        }
        self.get(attached).ok_or_else(|| Raised::new().into())
    }

    /// Gives the object up, which may run any code; afterwards none is there.
    ///
    /// # Safety
    ///
    /// No other thread uses it at that time, and nothing that was borrowed from it is used afterwards.
    pub unsafe fn clear(&self, _attached: Attached<'_>) {
        // SAFETY: the thread is attached, and the caller sees to the rest.
        unsafe { ffi::pyshim_once_object_clear(self.as_ptr()) }
    }
}

impl fmt::Debug for OnceObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnceObject").finish_non_exhaustive()
    }
}

/// Gives the object on the way out, or none.
struct Making<'a> {
    once: &'a OnceObject,
    object: *mut crate::PyObject,
}

impl Drop for Making<'_> {
    fn drop(&mut self) {
        // SAFETY: this thread has begun, and is attached as it was then; the reference is ours to give.
        unsafe { ffi::pyshim_once_object_end(self.once.as_ptr(), self.object) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_have_the_layout_of_c() {
        assert_eq!(size_of::<Once>(), size_of::<ffi::pyshim_once>());
        assert_eq!(
            size_of::<OnceObject>(),
            size_of::<ffi::pyshim_once_object>()
        );
        // SAFETY: nobody uses it with any interpreter.
        let empty = unsafe { OnceObject::new() };
        // SAFETY: nobody else has it.
        let fields = unsafe { &*empty.as_ptr() };
        assert!(fields.value.is_null() && fields.done == 0 && fields.lock == 0);
    }
}
