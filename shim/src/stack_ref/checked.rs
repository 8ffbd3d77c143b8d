// SPDX-License-Identifier: 0BSD
//! References that the C core looks up, with the line of the caller's that Rust passes on.

use core::ffi::{c_char, c_void};
use core::panic::Location;
use core::ptr::{self, NonNull};

use crate::{PyObject, ffi};

pub(super) type Word = NonNull<c_void>;

/// A line of source.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    file: &'static str,
    line: u32,
}

impl Place {
    #[inline]
    #[track_caller]
    pub(super) fn caller() -> Self {
        let caller = Location::caller();
        Place {
            file: caller.file(),
            line: caller.line(),
        }
    }

    pub(super) const fn of_a_drop() -> Self {
        Place {
            file: "a drop",
            line: 0,
        }
    }

    fn raw(self) -> ffi::pyshim_stack_ref_place {
        ffi::pyshim_stack_ref_place {
            file: self.file.as_ptr().cast::<c_char>(),
            length: u32::try_from(self.file.len()).unwrap_or(u32::MAX),
            line: self.line,
            reserved: ptr::null_mut(),
        }
    }
}

/// The C core gives none only for what is not open, of which there is none in Rust.
fn open<T>(found: *mut T) -> NonNull<T> {
    NonNull::new(found).expect("a stack reference is open as long as it exists")
}

/// # Safety
///
/// As for all functions here: the thread is attached, and what comes in is alive, or open.
pub(super) unsafe fn from_object_new(object: *mut PyObject, place: Place) -> Word {
    let at = place.raw();
    // SAFETY: the caller sees to it.
    open(unsafe { ffi::pyshim_stack_ref_from_object_new_at(object, &raw const at) })
}

pub(super) unsafe fn from_object_steal(object: NonNull<PyObject>, place: Place) -> Word {
    let at = place.raw();
    // SAFETY: the caller sees to it.
    open(unsafe { ffi::pyshim_stack_ref_from_object_steal_at(object.as_ptr(), &raw const at) })
}

pub(super) unsafe fn as_object_new(word: Word, place: Place) -> NonNull<PyObject> {
    let at = place.raw();
    // SAFETY: the caller sees to it.
    open(unsafe { ffi::pyshim_stack_ref_as_object_new_at(word.as_ptr(), &raw const at) })
}

pub(super) unsafe fn as_object_steal(word: Word, place: Place) -> NonNull<PyObject> {
    let at = place.raw();
    // SAFETY: the caller sees to it.
    open(unsafe { ffi::pyshim_stack_ref_as_object_steal_at(word.as_ptr(), &raw const at) })
}

pub(super) unsafe fn as_object_borrow(word: Word, place: Place) -> NonNull<PyObject> {
    let at = place.raw();
    // SAFETY: the caller sees to it.
    open(unsafe { ffi::pyshim_stack_ref_as_object_borrow_at(word.as_ptr(), &raw const at) })
}

pub(super) unsafe fn dup(word: Word, place: Place) -> Word {
    let at = place.raw();
    // SAFETY: the caller sees to it.
    open(unsafe { ffi::pyshim_stack_ref_dup_at(word.as_ptr(), &raw const at) })
}

pub(super) unsafe fn close(word: Word, place: Place) {
    let at = place.raw();
    // SAFETY: the caller sees to it, and the reference is given back.
    unsafe { ffi::pyshim_stack_ref_close_at(word.as_ptr(), &raw const at) }
}

/// A frame of the C core's, which knows it by number, so that it may move.
#[derive(Debug)]
pub(super) struct Frame(ffi::pyshim_stack_ref_frame);

impl Frame {
    pub(super) unsafe fn push(place: Place) -> Self {
        let mut frame = ffi::pyshim_stack_ref_frame {
            serial: 0,
            reserved: ptr::null_mut(),
        };
        let at = place.raw();
        // SAFETY: the caller sees to it.
        unsafe { ffi::pyshim_stack_ref_frame_push_at(&raw mut frame, &raw const at) };
        Frame(frame)
    }

    pub(super) unsafe fn pop(&mut self, word: Option<Word>, place: Place) -> Option<Word> {
        let word = word.map_or(ptr::null_mut(), NonNull::as_ptr);
        let at = place.raw();
        // SAFETY: the caller sees to it.
        NonNull::new(unsafe {
            ffi::pyshim_stack_ref_frame_pop_at(&raw mut self.0, word, &raw const at)
        })
    }
}
