// SPDX-License-Identifier: 0BSD
//! Memory of an object for another interpreter.

use core::mem::{self, MaybeUninit};
use core::ptr;

use crate::{Attached, Borrowed, Owned, Raised, ffi};

unsafe extern "C" {
    fn PyErr_Fetch(
        ty: *mut *mut crate::PyObject,
        value: *mut *mut crate::PyObject,
        traceback: *mut *mut crate::PyObject,
    );
    fn PyErr_Restore(
        ty: *mut crate::PyObject,
        value: *mut crate::PyObject,
        traceback: *mut crate::PyObject,
    );
}

/// A view of an object with the buffer protocol, which any interpreter may open once with its token,
/// an int. It is withdrawn when it is dropped; [`into_token`](Self::into_token) leaves it to whoever
/// opens it, or to the end of the interpreter.
///
/// ```no_run
/// use pyshim::{Attached, Borrowed, Owned, Raised, SentView, open_view};
///
/// /// What another interpreter is given, by whatever way ints pass.
/// fn send<'py>(attached: Attached<'py>, array: Borrowed<'_>) -> Result<Owned<'py>, Raised> {
///     Ok(SentView::new(attached, array)?.into_token())
/// }
///
/// /// A memoryview of the same memory.
/// fn receive<'py>(attached: Attached<'py>, token: Borrowed<'py>) -> Result<Owned<'py>, Raised> {
///     open_view(attached, token)
/// }
/// ```
#[derive(Debug)]
pub struct SentView<'py> {
    token: Owned<'py>,
}

impl<'py> SentView<'py> {
    /// Makes a view of an object.
    ///
    /// # Errors
    ///
    /// What the object raises that has no memory to give, RuntimeError when the interpreter is ending,
    /// or MemoryError.
    pub fn new(attached: Attached<'py>, exporter: Borrowed<'_>) -> Result<Self, Raised> {
        // SAFETY: the thread is attached, the object is alive, and the reference is new.
        unsafe { from_new(attached, ffi::pyshim_view_send(exporter.as_ptr())) }
            .map(|token| SentView { token })
    }

    /// The token.
    #[inline]
    #[must_use]
    pub fn token(&self) -> Borrowed<'_> {
        self.token.borrow()
    }

    /// The token, of a view that stays when this is gone.
    #[must_use]
    pub fn into_token(self) -> Owned<'py> {
        let view = mem::ManuallyDrop::new(self);
        // SAFETY: `view` is not used again, and is not dropped.
        unsafe { ptr::read(&view.token) }
    }
}

impl Drop for SentView<'_> {
    fn drop(&mut self) {
        let mut error = [ptr::null_mut(); 3];
        let [ty, value, traceback] = &mut error;
        // SAFETY: `'py` is not over, so the thread is attached to the interpreter that sent, which is
        // all that withdrawing wants. An exception that is set stays set.
        unsafe {
            PyErr_Fetch(ty, value, traceback);
            ffi::pyshim_view_withdraw(self.token.as_ptr());
            PyErr_Restore(error[0], error[1], error[2]);
        }
    }
}

/// Opens a view, once: a memoryview of the same memory, whose `release`, or [`close_view`], closes it.
///
/// # Errors
///
/// ValueError when it was opened or withdrawn before or its interpreter has ended; RuntimeError when the
/// interpreter of the thread is ending; MemoryError, after which it can be tried again.
pub fn open_view<'py>(attached: Attached<'py>, token: Borrowed<'_>) -> Result<Owned<'py>, Raised> {
    // SAFETY: the thread is attached, the token is alive, and the reference is new.
    unsafe { from_new(attached, ffi::pyshim_view_open(token.as_ptr())) }
}

/// Releases the memoryview that [`open_view`] gave, and lets go of the object in its own interpreter.
///
/// # Errors
///
/// BufferError while somebody still uses the memory by way of it.
pub fn close_view(_attached: Attached<'_>, memory: Borrowed<'_>) -> Result<(), Raised> {
    // SAFETY: the thread is attached, and the object is alive.
    match unsafe { ffi::pyshim_view_close(memory.as_ptr()) } {
        0 => Ok(()),
        _ => Err(Raised::new()),
    }
}

/// Takes back what nobody has opened; whether there was something to take back.
///
/// # Errors
///
/// ValueError when another interpreter sent it.
pub fn withdraw_view(_attached: Attached<'_>, token: Borrowed<'_>) -> Result<bool, Raised> {
    // SAFETY: the thread is attached, and the object is alive.
    match unsafe { ffi::pyshim_view_withdraw(token.as_ptr()) } {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Raised::new()),
    }
}

/// How many views there are, in all interpreters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ViewCounts {
    /// Sent, and neither opened nor withdrawn.
    pub sent: usize,
    /// Open.
    pub open: usize,
    /// Objects whose interpreter ended while their views were open; their memory stays for good.
    pub pinned: usize,
}

/// Counts views.
#[must_use]
pub fn view_counts() -> ViewCounts {
    let mut counts = MaybeUninit::<ffi::pyshim_view_counts>::zeroed();
    // SAFETY: the C core fills it in, and zeros are a valid one.
    let counts = unsafe {
        ffi::pyshim_view_count(counts.as_mut_ptr());
        counts.assume_init()
    };
    ViewCounts {
        sent: counts.sent,
        open: counts.open,
        pinned: counts.pinned,
    }
}

/// A new reference, or the exception that stands for none.
///
/// # Safety
///
/// As for [`Owned::from_nullable`].
unsafe fn from_new<'py>(
    attached: Attached<'py>,
    object: *mut crate::PyObject,
) -> Result<Owned<'py>, Raised> {
    // SAFETY: the caller's.
    unsafe { Owned::from_nullable(attached, object) }.ok_or(Raised::new())
}
