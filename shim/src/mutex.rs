// SPDX-License-Identifier: 0BSD
//! A lock that any thread may wait for without holding up Python.

use core::cell::UnsafeCell;
use core::ffi::{CStr, c_void};
use core::fmt;
use core::mem::MaybeUninit;
use core::panic::RefUnwindSafe;
use core::ptr;

use crate::{Attached, CriticalSection, CriticalSection2, ffi};

/// A mutex of one byte: `PyMutex` where CPython has it and it was observed, and one of our own
/// elsewhere. A thread that waits detaches its thread state, if one is attached, so it holds up
/// neither the GIL nor a collector; and it needs none, nor Python, nor [`init`](crate::init()).
///
/// It protects nothing by itself. With the feature `lock_api` it is a [`lock_api::RawMutex`], and
/// `pyshim::Mutex<T>` is a mutex around a value.
///
/// All bytes zero are an unlocked one, so memory that CPython allocated for an object may contain
/// one; [`from_ptr`](Self::from_ptr) gets at it.
///
/// ```no_run
/// use pyshim::RawMutex;
///
/// static LOCK: RawMutex = RawMutex::new();
///
/// LOCK.lock();
/// assert!(LOCK.is_locked() && !LOCK.try_lock());
/// // SAFETY: it was locked above.
/// unsafe { LOCK.unlock() };
/// ```
#[repr(transparent)]
pub struct RawMutex(UnsafeCell<ffi::pyshim_mutex>);

// SAFETY: the C core reads and writes it atomically.
unsafe impl Sync for RawMutex {}
// SAFETY: nothing in it belongs to a thread.
unsafe impl Send for RawMutex {}
// A panic cannot leave it half-written, as with the atomics of `core`.
impl RefUnwindSafe for RawMutex {}

impl RawMutex {
    /// An unlocked one.
    #[inline]
    #[must_use]
    pub const fn new() -> Self {
        RawMutex(UnsafeCell::new(ffi::pyshim_mutex {
            bits: 0,
            reserved: ptr::null_mut::<c_void>(),
        }))
    }

    /// A mutex in memory that is not Rust's, such as an object's.
    ///
    /// # Safety
    ///
    /// `place` has been a mutex, or zeros, since before `'a` began, remains where it is until `'a`
    /// is over, and is used as a mutex only, through this copy of the C core.
    #[inline]
    #[must_use]
    pub const unsafe fn from_ptr<'a>(place: *mut ffi::pyshim_mutex) -> &'a Self {
        // SAFETY: the layouts are the same, and the caller sees to the rest.
        unsafe { &*place.cast::<RawMutex>() }
    }

    /// The place, for C.
    #[inline]
    #[must_use]
    pub const fn as_ptr(&self) -> *mut ffi::pyshim_mutex {
        self.0.get()
    }

    /// Locks it, and waits while another thread has it. A thread that has it already waits for ever.
    #[inline]
    pub fn lock(&self) {
        // SAFETY: the mutex is one, and stays where it is while it is borrowed.
        unsafe { ffi::pyshim_mutex_lock(self.as_ptr()) }
    }

    /// Locks it if no thread has it. Says whether it did.
    #[inline]
    #[must_use = "it may not be locked"]
    pub fn try_lock(&self) -> bool {
        // SAFETY: as for `lock`.
        unsafe { ffi::pyshim_mutex_try_lock(self.as_ptr()) != 0 }
    }

    /// Unlocks it. Where it is not locked, the process ends with a message.
    ///
    /// # Safety
    ///
    /// It is locked, by the caller or in its name.
    #[inline]
    pub unsafe fn unlock(&self) {
        // SAFETY: as for `lock`.
        unsafe { ffi::pyshim_mutex_unlock(self.as_ptr()) }
    }

    /// Whether some thread has it, which may change at once; for assertions.
    #[inline]
    #[must_use]
    pub fn is_locked(&self) -> bool {
        // SAFETY: as for `lock`.
        unsafe { ffi::pyshim_mutex_is_locked(self.as_ptr()) != 0 }
    }

    /// Whose lock a mutex is in this process: "PyMutex" or "pyshim".
    #[must_use]
    pub fn scheme() -> &'static CStr {
        // SAFETY: it needs nothing, and returns a static text.
        unsafe { CStr::from_ptr(ffi::pyshim_mutex_scheme()) }
    }
}

impl Default for RawMutex {
    fn default() -> Self {
        RawMutex::new()
    }
}

impl fmt::Debug for RawMutex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawMutex")
            .field("locked", &self.is_locked())
            .finish_non_exhaustive()
    }
}

#[cfg(feature = "lock_api")]
// SAFETY: between a lock and the unlock after it no other thread locks.
unsafe impl lock_api::RawMutex for RawMutex {
    #[allow(clippy::declare_interior_mutable_const)] // it is what the trait asks for
    const INIT: Self = RawMutex::new();
    type GuardMarker = lock_api::GuardSend;

    #[inline]
    fn lock(&self) {
        RawMutex::lock(self);
    }

    #[inline]
    fn try_lock(&self) -> bool {
        RawMutex::try_lock(self)
    }

    #[inline]
    unsafe fn unlock(&self) {
        // SAFETY: the caller says the same.
        unsafe { RawMutex::unlock(self) }
    }

    #[inline]
    fn is_locked(&self) -> bool {
        RawMutex::is_locked(self)
    }
}

/// A mutex around a value, that any thread may wait for without holding up Python.
#[cfg(feature = "lock_api")]
pub type Mutex<T> = lock_api::Mutex<RawMutex, T>;

/// What has a [`Mutex`] locked, until it is dropped.
#[cfg(feature = "lock_api")]
pub type MutexGuard<'a, T> = lock_api::MutexGuard<'a, RawMutex, T>;

/// Runs `body` while a mutex is locked as
/// [`with_critical_section`](crate::with_critical_section) locks an object: it is given up while the
/// thread waits inside. With a GIL nothing is locked, so a mutex that is for sections is not for
/// [`RawMutex::lock`].
pub fn with_critical_section_mutex<R>(
    attached: Attached<'_>,
    mutex: &RawMutex,
    body: impl FnOnce() -> R,
) -> R {
    let mut storage = MaybeUninit::uninit();
    // SAFETY: the section is dropped on the way out, after whatever `body` begins.
    let _section = unsafe { CriticalSection::begin_mutex(attached, &mut storage, mutex) };
    body()
}

/// Runs `body` while two mutexes are locked, which may be the same one, in an order that cannot
/// deadlock. In all else as [`with_critical_section_mutex`].
pub fn with_critical_section2_mutex<R>(
    attached: Attached<'_>,
    mutexes: [&RawMutex; 2],
    body: impl FnOnce() -> R,
) -> R {
    let mut storage = MaybeUninit::uninit();
    // SAFETY: the section is dropped on the way out, after whatever `body` begins.
    let _section = unsafe { CriticalSection2::begin_mutex(attached, &mut storage, mutexes) };
    body()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mutex_has_the_layout_of_c_and_is_zero_when_unlocked() {
        assert_eq!(size_of::<RawMutex>(), size_of::<ffi::pyshim_mutex>());
        assert_eq!(align_of::<RawMutex>(), align_of::<ffi::pyshim_mutex>());
        let unlocked = RawMutex::new();
        // SAFETY: nobody else has it.
        let fields = unsafe { &*unlocked.as_ptr() };
        assert!(fields.bits == 0 && fields.reserved.is_null());
    }
}
