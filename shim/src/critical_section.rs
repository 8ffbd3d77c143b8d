// SPDX-License-Identifier: 0BSD
//! Critical sections: as calls with closures, which cannot go wrong, and as guards.

use core::marker::PhantomData;
use core::mem::MaybeUninit;

use crate::{Attached, Borrowed, Raised, RawMutex, ffi};

/// Runs `body` while `object` is locked. The lock is given up while the thread waits inside:
/// whenever it detaches, or begins another section that has to wait.
///
/// The section ends whichever way `body` does, also by a panic.
pub fn with_critical_section<R>(
    attached: Attached<'_>,
    object: Borrowed<'_>,
    body: impl FnOnce() -> R,
) -> R {
    let mut storage = MaybeUninit::uninit();
    // SAFETY: the section is dropped on the way out, after whatever `body` begins.
    let _section = unsafe { CriticalSection::begin(attached, &mut storage, object) };
    body()
}

/// Runs `body` while two objects are locked, which may be the same one, in an order that cannot
/// deadlock. In all else as [`with_critical_section`].
pub fn with_critical_section2<R>(
    attached: Attached<'_>,
    objects: [Borrowed<'_>; 2],
    body: impl FnOnce() -> R,
) -> R {
    let mut storage = MaybeUninit::uninit();
    // SAFETY: the section is dropped on the way out, after whatever `body` begins.
    let _section = unsafe { CriticalSection2::begin(attached, &mut storage, objects) };
    body()
}

/// [`with_critical_section`] for modules with [`ModGil::SUCCESSOR`](crate::ModGil::SUCCESSOR), who
/// have to expect a runtime whose sections can fail to begin.
///
/// # Errors
///
/// When the section could not begin, in which case `body` did not run; never on CPython 3.8 to 3.15.
pub fn try_with_critical_section<R>(
    attached: Attached<'_>,
    object: Borrowed<'_>,
    body: impl FnOnce() -> R,
) -> Result<R, Raised> {
    let mut storage = MaybeUninit::uninit();
    // SAFETY: the section is dropped on the way out, after whatever `body` begins.
    let _section = unsafe { CriticalSection::try_begin(attached, &mut storage, object) }?;
    Ok(body())
}

/// [`with_critical_section2`] as [`try_with_critical_section`] does it.
///
/// # Errors
///
/// When the section could not begin, in which case `body` did not run; never on CPython 3.8 to 3.15.
pub fn try_with_critical_section2<R>(
    attached: Attached<'_>,
    objects: [Borrowed<'_>; 2],
    body: impl FnOnce() -> R,
) -> Result<R, Raised> {
    let mut storage = MaybeUninit::uninit();
    // SAFETY: the section is dropped on the way out, after whatever `body` begins.
    let _section = unsafe { CriticalSection2::try_begin(attached, &mut storage, objects) }?;
    Ok(body())
}

/// A section over one object that ends when it is dropped, for code that closures do not fit.
///
/// CPython keeps the address of the storage, which therefore is the caller's and stays where it is
/// while the guard, which may move, lives:
///
/// ```compile_fail,E0505
/// # use core::mem::MaybeUninit;
/// use pyshim::{Attached, Borrowed, CriticalSection};
///
/// fn moves_the_storage(attached: Attached<'_>, object: Borrowed<'_>) {
///     let mut storage = MaybeUninit::uninit();
///     // SAFETY: dropped below, with nothing in between.
///     let section = unsafe { CriticalSection::begin(attached, &mut storage, object) };
///     let elsewhere = storage;
///     drop(section);
/// }
/// ```
#[derive(Debug)]
#[must_use = "the section ends at once"]
pub struct CriticalSection<'cs> {
    storage: *mut ffi::pyshim_critical_section,
    attached: PhantomData<Attached<'cs>>,
}

impl<'cs> CriticalSection<'cs> {
    /// Begins a section.
    ///
    /// # Safety
    ///
    /// The guard is dropped, neither forgotten nor leaked, and sections end in the reverse order
    /// of their begins.
    #[inline]
    pub unsafe fn begin(
        _attached: Attached<'cs>,
        storage: &'cs mut MaybeUninit<ffi::pyshim_critical_section>,
        object: Borrowed<'cs>,
    ) -> Self {
        let storage = storage.as_mut_ptr();
        // SAFETY: the thread is attached and the object is alive, both for `'cs`, for which the
        // storage is ours too.
        unsafe { ffi::pyshim_critical_section_begin(storage, object.as_ptr()) };
        CriticalSection {
            storage,
            attached: PhantomData,
        }
    }

    /// Begins a section over a mutex, which with a GIL locks nothing.
    ///
    /// # Safety
    ///
    /// As for [`begin`](Self::begin).
    #[inline]
    pub unsafe fn begin_mutex(
        _attached: Attached<'cs>,
        storage: &'cs mut MaybeUninit<ffi::pyshim_critical_section>,
        mutex: &'cs RawMutex,
    ) -> Self {
        let storage = storage.as_mut_ptr();
        // SAFETY: the thread is attached and the mutex is there, both for `'cs`, for which the
        // storage is ours too.
        unsafe { ffi::pyshim_critical_section_begin_mutex(storage, mutex.as_ptr()) };
        CriticalSection {
            storage,
            attached: PhantomData,
        }
    }

    /// Begins a section on a runtime where this can fail.
    ///
    /// # Errors
    ///
    /// When there is no section; never on CPython 3.8 to 3.15.
    ///
    /// # Safety
    ///
    /// As for [`begin`](Self::begin).
    #[inline]
    pub unsafe fn try_begin(
        _attached: Attached<'cs>,
        storage: &'cs mut MaybeUninit<ffi::pyshim_critical_section>,
        object: Borrowed<'cs>,
    ) -> Result<Self, Raised> {
        let storage = storage.as_mut_ptr();
        // SAFETY: as in `begin`.
        match unsafe { ffi::pyshim_critical_section_begin_checked(storage, object.as_ptr()) } {
            0 => Ok(CriticalSection {
                storage,
                attached: PhantomData,
            }),
            _ => Err(Raised::new()),
        }
    }
}

impl Drop for CriticalSection<'_> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the section has begun, and in this thread, which the guard cannot leave; whoever
        // began it sees to the order.
        unsafe { ffi::pyshim_critical_section_end(self.storage) }
    }
}

/// A section over two objects, which may be the same one. In all else as [`CriticalSection`].
#[derive(Debug)]
#[must_use = "the section ends at once"]
pub struct CriticalSection2<'cs> {
    storage: *mut ffi::pyshim_critical_section2,
    attached: PhantomData<Attached<'cs>>,
}

impl<'cs> CriticalSection2<'cs> {
    /// Begins a section.
    ///
    /// # Safety
    ///
    /// As for [`CriticalSection::begin`].
    #[inline]
    pub unsafe fn begin(
        _attached: Attached<'cs>,
        storage: &'cs mut MaybeUninit<ffi::pyshim_critical_section2>,
        [a, b]: [Borrowed<'cs>; 2],
    ) -> Self {
        let storage = storage.as_mut_ptr();
        // SAFETY: the thread is attached and the objects are alive, both for `'cs`, for which the
        // storage is ours too.
        unsafe { ffi::pyshim_critical_section2_begin(storage, a.as_ptr(), b.as_ptr()) };
        CriticalSection2 {
            storage,
            attached: PhantomData,
        }
    }

    /// Begins a section over two mutexes, which with a GIL locks nothing.
    ///
    /// # Safety
    ///
    /// As for [`CriticalSection::begin`].
    #[inline]
    pub unsafe fn begin_mutex(
        _attached: Attached<'cs>,
        storage: &'cs mut MaybeUninit<ffi::pyshim_critical_section2>,
        [a, b]: [&'cs RawMutex; 2],
    ) -> Self {
        let storage = storage.as_mut_ptr();
        // SAFETY: the thread is attached and the mutexes are there, both for `'cs`, for which the
        // storage is ours too.
        unsafe { ffi::pyshim_critical_section2_begin_mutex(storage, a.as_ptr(), b.as_ptr()) };
        CriticalSection2 {
            storage,
            attached: PhantomData,
        }
    }

    /// Begins a section on a runtime where this can fail.
    ///
    /// # Errors
    ///
    /// When there is no section; never on CPython 3.8 to 3.15.
    ///
    /// # Safety
    ///
    /// As for [`CriticalSection::begin`].
    #[inline]
    pub unsafe fn try_begin(
        _attached: Attached<'cs>,
        storage: &'cs mut MaybeUninit<ffi::pyshim_critical_section2>,
        [a, b]: [Borrowed<'cs>; 2],
    ) -> Result<Self, Raised> {
        let storage = storage.as_mut_ptr();
        // SAFETY: as in `begin`.
        match unsafe {
            ffi::pyshim_critical_section2_begin_checked(storage, a.as_ptr(), b.as_ptr())
        } {
            0 => Ok(CriticalSection2 {
                storage,
                attached: PhantomData,
            }),
            _ => Err(Raised::new()),
        }
    }
}

impl Drop for CriticalSection2<'_> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: as for one object.
        unsafe { ffi::pyshim_critical_section2_end(self.storage) }
    }
}
