// SPDX-License-Identifier: 0BSD
//! The same for PyO3: what the rest of this crate does with [`Borrowed`](crate::Borrowed) and
//! [`Owned`](crate::Owned), over `Bound` and `Py`. Only try-incref is unsafe, as everywhere.
//!
//! It works in PyO3's limited API as in the full one, from one source. [`init`](crate::init()) comes
//! first, in the module's `#[pymodule_init]`. [`Mutex`](crate::Mutex) and [`Once`](crate::Once) go with
//! PyO3 as they are, for neither has to do with objects, and errors of this crate become a `PyErr` by `?`.
//!
//! PyO3 lets one interpreter of a process have its modules. That is why cells of this module may be
//! `static`, and made without `unsafe`.
//!
//! ```no_run
//! use pyo3::prelude::*;
//! use pyo3::types::PyList;
//! use pyshim::Needs;
//! use pyshim::bound::{AtomicPy, with_critical_section};
//!
//! static LATEST: AtomicPy<PyList> = AtomicPy::new();
//!
//! /// This is the `#[pymodule_init]` of a module.
//! fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
//!     let needs = Needs::ATOMIC_REF.union(Needs::CRITICAL_SECTION);
//!     Ok(pyshim::init(module.py().into(), needs)?)
//! }
//!
//! /// Appends a number to a list, unless there are ten in it, and remembers the list.
//! fn append(list: &Bound<'_, PyList>, number: i64) -> PyResult<()> {
//!     with_critical_section(list, || match list.len() {
//!         0..10 => list.append(number),
//!         _ => Ok(()),
//!     })?;
//!     LATEST.store(list.py(), Some(list));
//!     Ok(())
//! }
//! ```

mod atomic_py;
mod once_py;
mod view;

pub use atomic_py::AtomicPy;
pub use once_py::OncePy;
pub use view::{close_view, open_view, send_view, withdraw_view};

use core::mem::ManuallyDrop;
use core::ptr::NonNull;

use pyo3::{Bound, Py, PyAny, PyTraverseError, PyVisit, Python, ffi};

use crate::RawMutex;

/// [`with_critical_section`](crate::with_critical_section): runs `body` while `object` is locked, and
/// until it waits inside.
#[inline]
pub fn with_critical_section<T, R>(object: &Bound<'_, T>, body: impl FnOnce() -> R) -> R {
    crate::with_critical_section(object.py().into(), object.into(), body)
}

/// [`with_critical_section2`](crate::with_critical_section2): two objects, which may be the same one,
/// in an order that cannot deadlock.
#[inline]
pub fn with_critical_section2<A, B, R>(
    a: &Bound<'_, A>,
    b: &Bound<'_, B>,
    body: impl FnOnce() -> R,
) -> R {
    crate::with_critical_section2(a.py().into(), [a.into(), b.into()], body)
}

/// [`with_critical_section_mutex`](crate::with_critical_section_mutex): a mutex that is locked as an
/// object is, which with a GIL is not at all.
#[inline]
pub fn with_critical_section_mutex<R>(
    py: Python<'_>,
    mutex: &RawMutex,
    body: impl FnOnce() -> R,
) -> R {
    crate::with_critical_section_mutex(py.into(), mutex, body)
}

/// [`with_critical_section2_mutex`](crate::with_critical_section2_mutex): two mutexes, which may be the
/// same one.
#[inline]
pub fn with_critical_section2_mutex<R>(
    py: Python<'_>,
    mutexes: [&RawMutex; 2],
    body: impl FnOnce() -> R,
) -> R {
    crate::with_critical_section2_mutex(py.into(), mutexes, body)
}

/// [`enable_try_incref`](crate::enable_try_incref): afterwards [`try_incref`] is sure to succeed while
/// `object` lives.
#[inline]
pub fn enable_try_incref<T>(object: &Bound<'_, T>) {
    crate::enable_try_incref(object.py().into(), object.into());
}

/// [`try_incref`](crate::try_incref()): a reference to `object`, unless it is dying.
///
/// # Safety
///
/// The object is a `T`, or was one until it began to die, and its memory is not given back during the
/// call. Where that is the difficulty, [`AtomicPy`] is the answer.
#[inline]
#[must_use]
pub unsafe fn try_incref<T>(
    py: Python<'_>,
    object: NonNull<ffi::PyObject>,
) -> Option<Bound<'_, T>> {
    // SAFETY: the caller says so, and PyO3's objects are of one interpreter.
    let alive = unsafe { crate::try_incref(py.into(), object) }?;
    // SAFETY: the caller says of which type it is.
    Some(unsafe { alive.into_bound(py).cast_into_unchecked() })
}

/// Visits what a cell holds, if anything.
fn visit(held: Option<NonNull<ffi::PyObject>>, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
    let Some(object) = held else { return Ok(()) };
    // SAFETY: the collector is attached, which is all that the proof is for; and the cell's own
    // reference, which stays the cell's, keeps the object alive.
    let object: ManuallyDrop<Py<PyAny>> = unsafe {
        let py = Python::assume_attached();
        ManuallyDrop::new(Bound::from_owned_ptr(py, object.as_ptr()).unbind())
    };
    visit.call(&*object)
}
