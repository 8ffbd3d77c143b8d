// SPDX-License-Identifier: 0BSD
//! Memory of an object for another interpreter.

use pyo3::types::PyMemoryView;
use pyo3::{Bound, PyAny, PyResult};

use crate::SentView;

/// [`SentView::new`]: a view of an object with the buffer protocol, which any interpreter may open once
/// with its token, an int. It is withdrawn when it is dropped; `into_token().into_bound(py)` leaves it to
/// whoever opens it.
///
/// # Errors
///
/// What the object raises that has no memory to give, RuntimeError when the interpreter is ending, or
/// MemoryError.
pub fn send_view<'py, T>(exporter: &Bound<'py, T>) -> PyResult<SentView<'py>> {
    Ok(SentView::new(exporter.py().into(), exporter.into())?)
}

/// [`open_view`](crate::open_view): a memoryview of the memory that was sent.
///
/// # Errors
///
/// ValueError when it was opened or withdrawn before or its interpreter has ended; RuntimeError when the
/// interpreter of the thread is ending; MemoryError, after which it can be tried again.
pub fn open_view<'py>(token: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyMemoryView>> {
    let memory = crate::open_view(token.py().into(), token.into())?;
    Ok(memory.into_bound(token.py()).cast_into()?)
}

/// [`close_view`](crate::close_view): releases the memoryview, and lets go of the object in its own
/// interpreter.
///
/// # Errors
///
/// BufferError while somebody still uses the memory by way of it.
pub fn close_view(memory: &Bound<'_, PyMemoryView>) -> PyResult<()> {
    Ok(crate::close_view(memory.py().into(), memory.into())?)
}

/// [`withdraw_view`](crate::withdraw_view): takes back what nobody has opened; whether there was
/// something to take back.
///
/// # Errors
///
/// ValueError when another interpreter sent it.
pub fn withdraw_view(token: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(crate::withdraw_view(token.py().into(), token.into())?)
}
