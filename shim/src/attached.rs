// SPDX-License-Identifier: 0BSD
//! The right to call CPython.

use core::marker::PhantomData;

/// Proof that the calling thread is attached to an interpreter: that it holds the GIL where there
/// is one, and has a thread state that is not detached where there is none.
///
/// It stays in its thread:
///
/// ```compile_fail,E0277
/// fn elsewhere(attached: pyshim::Attached<'_>) {
///     std::thread::scope(|scope| {
///         scope.spawn(move || attached);
///     });
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Attached<'py>(PhantomData<(&'py (), *mut ())>);

impl<'py> Attached<'py> {
    /// Claims that the thread is attached, as it is inside of functions that Python calls.
    ///
    /// # Safety
    ///
    /// Whenever a function takes the result during `'py`, and when an [`Owned`](crate::Owned) or a
    /// section of `'py` is dropped, the calling thread is attached, each time to the same
    /// interpreter. Calls that detach for a while and attach again before they return are fine.
    ///
    /// ```no_run
    /// use pyshim::{Attached, PyObject};
    ///
    /// unsafe extern "C" fn method(module: *mut PyObject, _: *mut PyObject) -> *mut PyObject {
    ///     // SAFETY: Python calls methods attached, and `attached` ends with the call.
    ///     let attached = unsafe { Attached::assume() };
    ///     match pyshim::providers(attached) {
    ///         Ok(text) => text.into_ptr().as_ptr(),
    ///         Err(_) => core::ptr::null_mut(),
    ///     }
    /// }
    /// ```
    #[inline]
    #[must_use]
    pub const unsafe fn assume() -> Self {
        Attached(PhantomData)
    }
}
