// SPDX-License-Identifier: 0BSD
//! A place for one `Py<T>` that any thread may read and write.

use core::fmt;
use core::marker::PhantomData;

use pyo3::{Bound, Py, PyTraverseError, PyVisit, Python};

use crate::{AtomicRef, Owned};

/// An [`AtomicRef`] of PyO3's: it holds a reference of its own to one `T`, or to none, and threads
/// read and write it at once, without a lock.
///
/// One that is dropped gives up what it holds. A thread that is not attached attaches for that, so it
/// should not have a lock that an attached thread may wait for; when the interpreter is ending, that is as
/// `Python::try_attach` has it: before 3.13, and in a stable ABI that begins before, it may not return. In a `#[pyclass]`, [`traverse`](Self::traverse) belongs into `__traverse__`, and
/// [`clear`](Self::clear), within `Python::attach`, into `__clear__`.
///
/// ```no_run
/// use pyo3::prelude::*;
/// use pyshim::bound::AtomicPy;
///
/// static LATEST: AtomicPy<PyAny> = AtomicPy::new();
///
/// fn replace<'py>(object: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
///     LATEST.swap(object.py(), Some(object))
/// }
/// ```
#[repr(transparent)]
pub struct AtomicPy<T> {
    cell: AtomicRef,
    holds: PhantomData<Py<T>>,
}

impl<T> AtomicPy<T> {
    /// An empty cell.
    #[inline]
    #[must_use]
    pub const fn new() -> Self {
        // SAFETY: PyO3 lets one interpreter of a process have its modules.
        let cell = unsafe { AtomicRef::new() };
        AtomicPy {
            cell,
            holds: PhantomData,
        }
    }

    /// What it holds.
    #[inline]
    #[must_use]
    pub fn load<'py>(&self, py: Python<'py>) -> Option<Bound<'py, T>> {
        self.cell.load(py.into()).map(|held| typed(py, held))
    }

    /// Puts `value` into it and gives up what was there, which may run any code.
    #[inline]
    pub fn store(&self, py: Python<'_>, value: Option<&Bound<'_, T>>) {
        self.cell.store(py.into(), value.map(Into::into));
    }

    /// Puts `value` into it and returns what was there.
    #[inline]
    #[must_use = "`store` does not return the old value"]
    pub fn swap<'py>(
        &self,
        py: Python<'py>,
        value: Option<&Bound<'_, T>>,
    ) -> Option<Bound<'py, T>> {
        let old = self.cell.swap(py.into(), value.map(Into::into));
        old.map(|old| typed(py, old))
    }

    /// Puts `desired` into it if it holds `expected`, the very same object, which it then gives up.
    /// Says whether it did.
    #[inline]
    #[must_use = "it may hold something else"]
    pub fn compare_exchange(
        &self,
        py: Python<'_>,
        expected: Option<&Bound<'_, T>>,
        desired: Option<&Bound<'_, T>>,
    ) -> bool {
        let (expected, desired) = (expected.map(Into::into), desired.map(Into::into));
        self.cell.compare_exchange(py.into(), expected, desired)
    }

    /// Whether it holds `object` at this moment, for the price of one load. Nothing is ordered
    /// between threads by it.
    #[inline]
    #[must_use]
    pub fn holds(&self, object: &Bound<'_, T>) -> bool {
        self.cell.holds(object.py().into(), object.into())
    }

    /// Empties it, which may run any code.
    #[inline]
    pub fn clear(&self, py: Python<'_>) {
        self.cell.clear(py.into());
    }

    /// Visits what it holds, from `__traverse__`.
    ///
    /// # Errors
    ///
    /// What the collector answers, which `__traverse__` returns.
    pub fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        // SAFETY: whoever has a `PyVisit` is inside of `tp_traverse`.
        super::visit(unsafe { self.cell.peek() }, visit)
    }
}

impl<T> Default for AtomicPy<T> {
    fn default() -> Self {
        AtomicPy::new()
    }
}

impl<T> From<Bound<'_, T>> for AtomicPy<T> {
    fn from(value: Bound<'_, T>) -> Self {
        let cell = AtomicPy::new();
        cell.store(value.py(), Some(&value));
        cell
    }
}

impl<T> Drop for AtomicPy<T> {
    fn drop(&mut self) {
        // SAFETY: nobody else has the cell.
        let is_empty = unsafe { (*self.cell.as_ptr()).value.is_null() };
        if !is_empty {
            let _ = Python::try_attach(|py| self.clear(py));
        }
    }
}

impl<T> fmt::Debug for AtomicPy<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AtomicPy").finish_non_exhaustive()
    }
}

fn typed<'py, T>(py: Python<'py>, held: Owned<'py>) -> Bound<'py, T> {
    // SAFETY: whatever is in the cell came into it as a `T`.
    unsafe { held.into_bound(py).cast_into_unchecked() }
}
