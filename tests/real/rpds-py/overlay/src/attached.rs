//! PyO3's words in pyshim's.

use core::ptr::NonNull;

use pyo3::exceptions::PyImportError;
use pyo3::prelude::*;
use pyshim::{Attached, Borrowed, Needs};

/// PyO3's proof of being attached, as pyshim's.
pub(crate) fn attached(_py: Python<'_>) -> Attached<'_> {
    // SAFETY: `Python<'_>` proves the same for as long.
    unsafe { Attached::assume() }
}

/// PyO3's reference, as pyshim's.
pub(crate) fn borrowed<'a>(object: &'a Bound<'_, PyAny>) -> Borrowed<'a> {
    // SAFETY: it is lent for `'a`, and the pointer of a `Bound` is never NULL.
    unsafe { Borrowed::from_ptr(NonNull::new_unchecked(object.as_ptr().cast())) }
}

/// Once, before anything else.
pub(crate) fn start(py: Python<'_>) -> PyResult<()> {
    let needs = Needs::CRITICAL_SECTION.union(Needs::TRY_INCREF);
    pyshim::init(attached(py), needs).map_err(|error| PyImportError::new_err(error.to_string()))
}
