// SPDX-License-Identifier: 0BSD
//! What was done wrong with a stack reference, and where.

use core::ffi::{c_char, c_int};
use core::{fmt, ptr, slice, str};

use crate::ffi;

/// A mistake with a stack reference. In Rust only the first is possible without `unsafe`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StackRefMistake {
    /// Still open when its frame was left, or its thread ended.
    Leaked,
    /// Closed, and closed again.
    ClosedTwice,
    /// Used after it was closed or stolen.
    UsedAfterClose,
    /// Given away as an object, and given away again.
    StolenTwice,
    /// Borrowed after its owner was closed.
    BorrowedAfterClose,
    /// Closed or stolen while a borrow of it was open.
    ClosedWhileBorrowed,
    /// Not made in this thread, or closed so long ago that nothing is known of it.
    Foreign,
    /// A frame that was popped twice, or before one within it.
    Frame,
    /// One that a newer C core knows.
    Other(c_int),
}

impl StackRefMistake {
    fn from_kind(kind: c_int) -> Self {
        match kind {
            ffi::PYSHIM_STACK_REF_LEAKED => Self::Leaked,
            ffi::PYSHIM_STACK_REF_CLOSED_TWICE => Self::ClosedTwice,
            ffi::PYSHIM_STACK_REF_USED_AFTER_CLOSE => Self::UsedAfterClose,
            ffi::PYSHIM_STACK_REF_STOLEN_TWICE => Self::StolenTwice,
            ffi::PYSHIM_STACK_REF_BORROWED_AFTER_CLOSE => Self::BorrowedAfterClose,
            ffi::PYSHIM_STACK_REF_CLOSED_WHILE_BORROWED => Self::ClosedWhileBorrowed,
            ffi::PYSHIM_STACK_REF_FOREIGN => Self::Foreign,
            ffi::PYSHIM_STACK_REF_FRAME => Self::Frame,
            other => Self::Other(other),
        }
    }
}

/// A line of source, or what stands for one: its line is then 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StackRefPlace {
    /// The file, as the compiler was given it.
    pub file: &'static str,
    /// The line.
    pub line: u32,
}

impl fmt::Display for StackRefPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(self.file),
            line => write!(f, "{}:{line}", self.file),
        }
    }
}

impl StackRefPlace {
    /// # Safety
    ///
    /// The text is static, and has so many bytes, unless it is NULL.
    unsafe fn from_raw(file: *const c_char, length: u32, line: u32) -> Option<Self> {
        if file.is_null() {
            return None;
        }
        // SAFETY: the caller knows that these are the bytes of a static text.
        let bytes = unsafe { slice::from_raw_parts(file.cast::<u8>(), length as usize) };
        let file = str::from_utf8(bytes).unwrap_or("a file whose name is not UTF-8");
        Some(StackRefPlace { file, line })
    }
}

/// What was done wrong, and where each part of it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StackRefReport {
    /// What was wrong.
    pub mistake: StackRefMistake,
    /// The address of the object, which may be gone; 0 where it is not known.
    pub object: usize,
    /// Where the reference was made, or the frame pushed.
    pub created: Option<StackRefPlace>,
    /// Where it was borrowed last.
    pub borrowed: Option<StackRefPlace>,
    /// Where it was closed, stolen, or left behind by its frame.
    pub closed: Option<StackRefPlace>,
    /// Where the mistake was made or noticed.
    pub found: Option<StackRefPlace>,
}

impl StackRefReport {
    /// # Safety
    ///
    /// The C core filled it in.
    pub(super) unsafe fn from_raw(raw: &ffi::pyshim_stack_ref_report) -> Self {
        // SAFETY: what the C core knows of places is static.
        unsafe {
            StackRefReport {
                mistake: StackRefMistake::from_kind(raw.kind),
                object: raw.object,
                created: StackRefPlace::from_raw(
                    raw.created_file,
                    raw.created_length,
                    raw.created_line,
                ),
                borrowed: StackRefPlace::from_raw(
                    raw.borrowed_file,
                    raw.borrowed_length,
                    raw.borrowed_line,
                ),
                closed: StackRefPlace::from_raw(
                    raw.closed_file,
                    raw.closed_length,
                    raw.closed_line,
                ),
                found: StackRefPlace::from_raw(raw.found_file, raw.found_length, raw.found_line),
            }
        }
    }
}

/// A report that the C core may fill in.
pub(super) fn empty() -> ffi::pyshim_stack_ref_report {
    ffi::pyshim_stack_ref_report {
        size: size_of::<ffi::pyshim_stack_ref_report>() as u32,
        kind: 0,
        object: 0,
        created_file: ptr::null(),
        created_length: 0,
        created_line: 0,
        borrowed_file: ptr::null(),
        borrowed_length: 0,
        borrowed_line: 0,
        closed_file: ptr::null(),
        closed_length: 0,
        closed_line: 0,
        found_file: ptr::null(),
        found_length: 0,
        found_line: 0,
        reserved: ptr::null_mut(),
    }
}
