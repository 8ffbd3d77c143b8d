// SPDX-License-Identifier: 0BSD
//! Interpreters that stay while somebody is in them: PEP 788, and the nearest to it before 3.15.

use core::ffi::{c_int, c_void};
use core::ptr;

use crate::{Attached, Raised, ffi};

/// Knows an interpreter, and does not keep it from ending. Any thread may have one.
///
/// ```no_run
/// use pyshim::{Attached, InterpreterView, Raised};
///
/// /// Does work in a thread of its own, and tells the interpreter when it is done, if that is there
/// /// still.
/// fn start(attached: Attached<'_>) -> Result<(), Raised> {
///     let view = InterpreterView::from_current(attached)?;
///     std::thread::spawn(move || {
///         let result = 6 * 7;
///         view.enter(|attached| tell(attached, result));
///     });
///     Ok(())
/// }
///
/// fn tell(_attached: Attached<'_>, _result: i32) {}
/// ```
#[derive(Debug)]
pub struct InterpreterView(ffi::pyshim_interpreter_view);

// SAFETY: what is behind it is used under a lock, or only by CPython's functions for any thread.
unsafe impl Send for InterpreterView {}
// SAFETY: as above.
unsafe impl Sync for InterpreterView {}

impl InterpreterView {
    /// That of the interpreter that the thread is attached to.
    ///
    /// # Errors
    ///
    /// RuntimeError where interpreters cannot be told apart, or MemoryError. One that is ending is known
    /// as well, and gives no guards.
    pub fn from_current(_attached: Attached<'_>) -> Result<Self, Raised> {
        let mut view = ffi::pyshim_interpreter_view {
            handle: ptr::null_mut::<c_void>(),
            reserved: ptr::null_mut::<c_void>(),
        };
        // SAFETY: the thread is attached, and the C core fills it in.
        match unsafe { ffi::pyshim_interpreter_view_from_current(&mut view) } {
            0 => Ok(InterpreterView(view)),
            _ => Err(Raised::new()),
        }
    }

    /// Keeps the interpreter from ending; `None` when it has begun to. Whoever ends it waits for the
    /// guard, so it is held for moments.
    #[must_use]
    pub fn guard(&self) -> Option<InterpreterGuard> {
        let mut guard = empty_guard();
        // SAFETY: the view is one, and the C core fills in the guard.
        let there = unsafe { ffi::pyshim_interpreter_guard_from_view(&mut guard, &self.0) };
        (there != 0).then_some(InterpreterGuard(guard))
    }

    /// Runs `function` attached to the interpreter, wherever the thread comes from; `None` when that has
    /// ended or is ending, or there is no memory. What needs the thread to be attached elsewhere cannot
    /// come along:
    ///
    /// ```compile_fail,E0277
    /// use pyshim::{Attached, Borrowed, InterpreterView, try_incref};
    ///
    /// fn mix(view: &InterpreterView, attached: Attached<'_>, object: Borrowed<'_>) {
    ///     view.enter(|_| drop(try_incref(attached, object)));
    /// }
    /// ```
    pub fn enter<R: Send>(&self, function: impl FnOnce(Attached<'_>) -> R + Send) -> Option<R> {
        let mut entry = Entry::empty();
        // SAFETY: the view is one, and the C core fills in the entry.
        let entered = unsafe { ffi::pyshim_thread_ensure_from_view(&mut entry, &self.0) };
        // SAFETY: it says whether the thread has entered, and the entry is that one.
        unsafe { Entry::run(entered, entry, function) }
    }
}

impl Drop for InterpreterView {
    fn drop(&mut self) {
        // SAFETY: it is one, and is not used again.
        unsafe { ffi::pyshim_interpreter_view_close(&mut self.0) }
    }
}

/// Keeps an interpreter from ending, which waits until it is dropped.
#[derive(Debug)]
pub struct InterpreterGuard(ffi::pyshim_interpreter_guard);

// SAFETY: as for the view; any thread may close it.
unsafe impl Send for InterpreterGuard {}
// SAFETY: as above.
unsafe impl Sync for InterpreterGuard {}

impl InterpreterGuard {
    /// Keeps the interpreter from ending that the thread is attached to.
    ///
    /// # Errors
    ///
    /// An exception when the interpreter is ending, or MemoryError.
    pub fn from_current(_attached: Attached<'_>) -> Result<Self, Raised> {
        let mut guard = empty_guard();
        // SAFETY: the thread is attached, and the C core fills it in.
        match unsafe { ffi::pyshim_interpreter_guard_from_current(&mut guard) } {
            0 => Ok(InterpreterGuard(guard)),
            _ => Err(Raised::new()),
        }
    }

    /// Runs `function` attached to the interpreter, wherever the thread comes from; `None` when there is
    /// no memory.
    ///
    /// The guard outlives the way back: should the interpreter that the thread comes from be ending, CPython
    /// may stop the thread there for good, and this one then waits for it. A thread that comes from another
    /// interpreter enters by [`InterpreterView::enter`].
    pub fn enter<R: Send>(&self, function: impl FnOnce(Attached<'_>) -> R + Send) -> Option<R> {
        let mut entry = Entry::empty();
        // SAFETY: the guard is one and outlives the entry, which the C core fills in.
        let entered = unsafe { ffi::pyshim_thread_ensure(&mut entry, &self.0) };
        // SAFETY: it says whether the thread has entered, and the entry is that one.
        unsafe { Entry::run(entered, entry, function) }
    }
}

impl Drop for InterpreterGuard {
    fn drop(&mut self) {
        // SAFETY: it is one, and is not used again.
        unsafe { ffi::pyshim_interpreter_guard_close(&mut self.0) }
    }
}

fn empty_guard() -> ffi::pyshim_interpreter_guard {
    ffi::pyshim_interpreter_guard {
        handle: ptr::null_mut::<c_void>(),
        epoch: 0,
        reserved: ptr::null_mut::<c_void>(),
    }
}

/// Leaves the interpreter on the way out, also with a panic.
struct Entry(ffi::pyshim_thread_entry);

impl Entry {
    fn empty() -> ffi::pyshim_thread_entry {
        ffi::pyshim_thread_entry {
            token: ptr::null_mut::<c_void>(),
            previous: ptr::null_mut::<c_void>(),
            guard: ptr::null_mut::<c_void>(),
            epoch: 0,
            reserved: ptr::null_mut::<c_void>(),
        }
    }

    /// Runs `function` and leaves, unless the thread has not entered.
    ///
    /// # Safety
    ///
    /// When `entered` is not 0, this thread has entered with `entry`.
    unsafe fn run<R: Send>(
        entered: c_int,
        entry: ffi::pyshim_thread_entry,
        function: impl FnOnce(Attached<'_>) -> R + Send,
    ) -> Option<R> {
        if entered == 0 {
            return None;
        }
        let _leaves = Entry(entry);
        // SAFETY: the thread is attached until the entry is dropped, and no `Attached` of another
        // interpreter comes into the function or out of it, since none can be sent.
        Some(function(unsafe { Attached::assume() }))
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        // SAFETY: this thread has entered, and is attached as it was then.
        unsafe { ffi::pyshim_thread_release(&mut self.0) }
    }
}
