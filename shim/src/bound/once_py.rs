// SPDX-License-Identifier: 0BSD
//! An object that is made once.

use core::fmt;
use core::marker::PhantomData;
use core::ptr::NonNull;

use pyo3::{Borrowed, Bound, Py, PyResult, PyTraverseError, PyVisit, Python};

use crate::OnceObject;

/// A [`OnceObject`] of PyO3's: a `T` that is made by whoever asks first, while the others wait without
/// holding up Python. It takes no allocation, and a thread that asks for what it is making itself gets an
/// exception, where `PyOnceLock` may deadlock.
///
/// One that is dropped gives up its object as an [`AtomicPy`](super::AtomicPy) does. In a `#[pyclass]`,
/// [`traverse`](Self::traverse) belongs into `__traverse__`, and [`take`](Self::take), within
/// `Python::attach`, into `__clear__`. That needs `&mut self`, so in a frozen class, a cycle through it is
/// never collected.
///
/// ```no_run
/// use pyo3::prelude::*;
/// use pyo3::types::PyType;
/// use pyshim::bound::OncePy;
///
/// static DECIMAL: OncePy<PyType> = OncePy::new();
///
/// fn decimal<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
///     let decimal = DECIMAL.get_or_try_init(py, || {
///         Ok(py.import("decimal")?.getattr("Decimal")?.cast_into()?)
///     })?;
///     decimal.call1((text,))
/// }
/// ```
#[repr(transparent)]
pub struct OncePy<T> {
    once: OnceObject,
    holds: PhantomData<Py<T>>,
}

impl<T> OncePy<T> {
    /// None yet.
    #[inline]
    #[must_use]
    pub const fn new() -> Self {
        // SAFETY: PyO3 lets one interpreter of a process have its modules.
        let once = unsafe { OnceObject::new() };
        OncePy {
            once,
            holds: PhantomData,
        }
    }

    /// The object, if it is there.
    #[inline]
    #[must_use]
    pub fn get<'a, 'py: 'a>(&'a self, py: Python<'py>) -> Option<Borrowed<'a, 'py, T>> {
        self.once.get(py.into()).map(|held| typed(py, held))
    }

    /// The object, made by `make` unless it is there. A panic of `make` is a failure too, after which
    /// the next one tries.
    ///
    /// # Errors
    ///
    /// What `make` returns, or RuntimeError when this thread is making it already.
    pub fn get_or_try_init<'a, 'py: 'a>(
        &'a self,
        py: Python<'py>,
        make: impl FnOnce() -> PyResult<Bound<'py, T>>,
    ) -> PyResult<Borrowed<'a, 'py, T>> {
        let made = self
            .once
            .get_or_make(py.into(), || make().map(crate::Owned::from))?;
        Ok(typed(py, made))
    }

    /// Visits the object, from `__traverse__`.
    ///
    /// # Errors
    ///
    /// What the collector answers, which `__traverse__` returns.
    pub fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        // SAFETY: the collector, whose `PyVisit` this is, is attached.
        let attached = unsafe { crate::Attached::assume() };
        let held = self.once.get(attached);
        super::visit(held.map(crate::Borrowed::as_non_null), visit)
    }

    /// The object, taken out, so that another may be made.
    #[must_use = "the object is given up"]
    pub fn take<'py>(&mut self, py: Python<'py>) -> Option<Bound<'py, T>> {
        let taken = self.get(py).map(|held| held.to_owned());
        // SAFETY: `self` is borrowed by nobody else.
        unsafe { self.once.clear(py.into()) };
        taken
    }
}

impl<T> Default for OncePy<T> {
    fn default() -> Self {
        OncePy::new()
    }
}

impl<T> Drop for OncePy<T> {
    fn drop(&mut self) {
        // SAFETY: nobody else has it.
        let is_empty = unsafe { (*self.once.as_ptr()).value.is_null() };
        if !is_empty {
            let _ = Python::try_attach(|py| drop(self.take(py)));
        }
    }
}

impl<T> fmt::Debug for OncePy<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OncePy").finish_non_exhaustive()
    }
}

fn typed<'a, 'py, T>(py: Python<'py>, held: crate::Borrowed<'a>) -> Borrowed<'a, 'py, T> {
    let held: NonNull<_> = held.as_non_null();
    // SAFETY: the object is there for `'a`, and came into its place as a `T`.
    unsafe { Borrowed::from_ptr(py, held.as_ptr()).cast_unchecked() }
}
