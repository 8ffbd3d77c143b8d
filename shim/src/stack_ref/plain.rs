// SPDX-License-Identifier: 0BSD
//! Plain reference counting: a reference is the address of its object.

use core::ptr::NonNull;

use crate::PyObject;
use crate::reference::{Py_DecRef, Py_IncRef};

pub(super) type Word = NonNull<PyObject>;

/// Nobody asks where.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place;

impl Place {
    #[inline]
    pub(super) const fn caller() -> Self {
        Place
    }

    #[inline]
    pub(super) const fn of_a_drop() -> Self {
        Place
    }
}

/// # Safety
///
/// As for all functions here: the thread is attached, and what comes in is alive, or open.
#[inline]
pub(super) unsafe fn from_object_new(object: *mut PyObject, place: Place) -> Word {
    // SAFETY: the caller sees to it; what is alive is not at NULL.
    unsafe {
        Py_IncRef(object);
        from_object_steal(NonNull::new_unchecked(object), place)
    }
}

#[inline]
pub(super) unsafe fn from_object_steal(object: NonNull<PyObject>, _: Place) -> Word {
    object
}

#[inline]
pub(super) unsafe fn as_object_new(word: Word, _: Place) -> NonNull<PyObject> {
    // SAFETY: the caller sees to it.
    unsafe { Py_IncRef(word.as_ptr()) };
    word
}

#[inline]
pub(super) unsafe fn as_object_steal(word: Word, _: Place) -> NonNull<PyObject> {
    word
}

#[inline]
pub(super) unsafe fn as_object_borrow(word: Word, _: Place) -> NonNull<PyObject> {
    word
}

#[inline]
pub(super) unsafe fn dup(word: Word, place: Place) -> Word {
    // SAFETY: the caller sees to it.
    unsafe { as_object_new(word, place) }
}

#[inline]
pub(super) unsafe fn close(word: Word, _: Place) {
    // SAFETY: the caller sees to it, and the reference is given back.
    unsafe { Py_DecRef(word.as_ptr()) }
}

/// A frame of which nothing is kept.
#[derive(Debug)]
pub(super) struct Frame;

impl Frame {
    #[inline]
    pub(super) unsafe fn push(_: Place) -> Self {
        Frame
    }

    #[inline]
    pub(super) unsafe fn pop(&mut self, word: Option<Word>, _: Place) -> Option<Word> {
        word
    }
}
