// SPDX-License-Identifier: 0BSD
//! References that say who owns them: plain reference counting, which the feature `stack-ref-checks`
//! lets the C core check.

use core::ffi::c_int;
use core::marker::PhantomData;
use core::mem;

use crate::{Attached, Borrowed, Owned, ffi};

mod report;
#[cfg_attr(feature = "stack-ref-checks", path = "stack_ref/checked.rs")]
#[cfg_attr(not(feature = "stack-ref-checks"), path = "stack_ref/plain.rs")]
mod word;

pub use report::{StackRefMistake, StackRefPlace, StackRefReport};
use word::{Frame, Place, Word};

/// A reference that its holder owns, which is closed, or given away, or dropped.
///
/// It cannot be closed twice, used after it was closed, or stolen twice, for that takes it:
///
/// ```compile_fail,E0382
/// use pyshim::{Attached, Borrowed, StackRef};
///
/// fn twice(attached: Attached<'_>, object: Borrowed<'_>) {
///     let reference = StackRef::new(attached, object);
///     reference.close();
///     reference.close();
/// }
/// ```
///
/// What is borrowed of it does not outlive it, and it stays in its thread. What the type cannot see to
/// is that it is closed at all; a frame says where it was not:
///
/// ```no_run
/// use pyshim::{Attached, Borrowed, Owned, StackRef, with_stack_frame};
///
/// fn first<'py>(attached: Attached<'py>, objects: &[Borrowed<'_>]) -> Option<Owned<'py>> {
///     let first = with_stack_frame(attached, || {
///         let first = StackRef::new(attached, *objects.first()?);
///         let second = first.dup();
///         second.close();
///         Some(first)
///     });
///     first.map(StackRef::into_owned)
/// }
/// ```
#[derive(Debug)]
#[must_use = "it is closed at once"]
pub struct StackRef<'py> {
    word: Word,
    attached: PhantomData<Attached<'py>>,
}

impl<'py> StackRef<'py> {
    /// Takes a reference of its own to an object.
    #[inline]
    #[track_caller]
    pub fn new(_attached: Attached<'py>, object: Borrowed<'_>) -> Self {
        // SAFETY: the thread is attached, and the object is alive.
        Self::made(unsafe { word::from_object_new(object.as_ptr(), Place::caller()) })
    }

    /// Makes a reference of one that the caller owns.
    #[inline]
    #[track_caller]
    pub fn from_owned(object: Owned<'py>) -> Self {
        // SAFETY: `'py` is not over, so the thread is attached, and the reference is given away.
        Self::made(unsafe { word::from_object_steal(object.into_ptr(), Place::caller()) })
    }

    /// A second reference to the object.
    #[inline]
    #[track_caller]
    pub fn dup(&self) -> Self {
        // SAFETY: the thread is attached, and the reference is open as long as it exists.
        Self::made(unsafe { word::dup(self.word, Place::caller()) })
    }

    /// The object, lent.
    #[inline]
    #[must_use]
    #[track_caller]
    pub fn borrow(&self) -> Borrowed<'_> {
        // SAFETY: as for `dup`, and the result ends before the reference does.
        unsafe { Borrowed::from_ptr(word::as_object_borrow(self.word, Place::caller())) }
    }

    /// A new reference, in CPython's words.
    #[inline]
    #[must_use]
    #[track_caller]
    pub fn to_owned(&self) -> Owned<'py> {
        // SAFETY: as for `dup`, and the reference is new.
        unsafe {
            let object = word::as_object_new(self.word, Place::caller());
            Owned::from_ptr(Attached::assume(), object)
        }
    }

    /// Gives the reference away, in CPython's words.
    #[inline]
    #[must_use = "`close` gives it back"]
    #[track_caller]
    pub fn into_owned(self) -> Owned<'py> {
        let word = self.into_word();
        // SAFETY: as for `dup`, and the reference is now the result's.
        unsafe {
            let object = word::as_object_steal(word, Place::caller());
            Owned::from_ptr(Attached::assume(), object)
        }
    }

    /// Gives the reference back, which may run any code. A drop does the same; a report then knows
    /// that there was one, but not where.
    #[inline]
    #[track_caller]
    pub fn close(self) {
        // SAFETY: as for `dup`, and nobody has the reference any more.
        unsafe { word::close(self.into_word(), Place::caller()) }
    }

    fn made(word: Word) -> Self {
        StackRef {
            word,
            attached: PhantomData,
        }
    }

    /// The word, for whoever ends the reference.
    fn into_word(self) -> Word {
        let word = self.word;
        mem::forget(self);
        word
    }
}

impl Drop for StackRef<'_> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: `'py` is not over, so the thread is attached, and the reference is open.
        unsafe { word::close(self.word, Place::of_a_drop()) }
    }
}

/// Runs `body` in a frame: of the references that are made there, the one that is returned is the only
/// one that may be open afterwards. The frame is left also by a panic.
#[track_caller]
pub fn with_stack_frame<'py>(
    attached: Attached<'py>,
    body: impl FnOnce() -> Option<StackRef<'py>>,
) -> Option<StackRef<'py>> {
    let place = Place::caller();
    let mut frame = OpenFrame::push(attached, place);
    let result = body();
    let word = result.map(StackRef::into_word);
    frame.open = false;
    // SAFETY: the thread is attached, the frame is the innermost one, for bodies of others are over,
    // and the reference is open.
    unsafe { frame.frame.pop(word, place) }.map(StackRef::made)
}

/// A frame, which a panic leaves.
struct OpenFrame<'py> {
    frame: Frame,
    open: bool,
    place: Place,
    attached: PhantomData<Attached<'py>>,
}

impl<'py> OpenFrame<'py> {
    fn push(_attached: Attached<'py>, place: Place) -> Self {
        OpenFrame {
            // SAFETY: the thread is attached.
            frame: unsafe { Frame::push(place) },
            open: true,
            place,
            attached: PhantomData,
        }
    }
}

impl Drop for OpenFrame<'_> {
    fn drop(&mut self) {
        if self.open {
            // SAFETY: as in `with_stack_frame`; there is no reference.
            unsafe { self.frame.pop(None, self.place) };
        }
    }
}

/// Whether stack references are checked in this process: the feature `stack-ref-checks` is on, and
/// `PYSHIM_STACK_REF_CHECKS` is in the environment.
#[must_use]
pub fn stack_refs_are_checked() -> bool {
    // SAFETY: it needs neither initialisation nor a thread state.
    unsafe { ffi::pyshim_stack_ref_checking() != 0 }
}

/// From now on reports on what this thread does are kept, or no longer: neither printed nor fatal. For
/// tests.
pub fn keep_stack_ref_reports(_attached: Attached<'_>, keep: bool) {
    // SAFETY: the thread is attached.
    unsafe { ffi::pyshim_stack_ref_keep_reports(c_int::from(keep)) }
}

/// The oldest report that was kept.
#[must_use]
pub fn take_stack_ref_report(_attached: Attached<'_>) -> Option<StackRefReport> {
    let mut raw = report::empty();
    // SAFETY: the thread is attached, and the struct is of the size that it gives.
    let taken = unsafe { ffi::pyshim_stack_ref_take_report(&raw mut raw) };
    // SAFETY: the C core filled it in.
    (taken != 0).then(|| unsafe { StackRefReport::from_raw(&raw) })
}
