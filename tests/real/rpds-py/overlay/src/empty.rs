//! One empty map for everybody, for as long as somebody has it.
//!
//! The table holds no reference, so the map goes when its last user does, on whichever thread. A
//! thread that asks at that moment finds a map that is dying: try-incref tells. Its memory is valid
//! while the table is locked, for the map leaves the table before it is freed.

use core::ptr::NonNull;

use pyo3::prelude::*;
use pyshim::Mutex;

use crate::attached::{attached, borrowed};
use crate::HashTrieMapPy;

/// The map as Python has it, and as Rust has it: both lie in one object.
struct Entry {
    object: NonNull<pyshim::PyObject>,
    contents: *const HashTrieMapPy,
}

// SAFETY: the pointers are compared, and followed as the table's lock allows.
unsafe impl Send for Entry {}

static TABLE: Mutex<Option<Entry>> = Mutex::new(None);

/// A reference to the map.
pub(crate) fn shared(py: Python<'_>) -> PyResult<Py<HashTrieMapPy>> {
    if let Some(map) = alive(py, TABLE.lock().as_ref()) {
        return Ok(map);
    }
    // Not under the lock: making an object may run the collector, and so `forget`. Nor is dropping
    // it, so that `made` outlives the lock.
    let made = Bound::new(py, HashTrieMapPy::from(rpds::HashTrieMap::new_sync()))?;
    let mut table = TABLE.lock();
    if let Some(first) = alive(py, table.as_ref()) {
        return Ok(first);
    }
    let object = borrowed(made.as_any());
    pyshim::enable_try_incref(attached(py), object);
    *table = Some(Entry {
        object: object.as_non_null(),
        contents: made.get(),
    });
    Ok(made.clone().unbind())
}

/// A reference to what is in the table, which is locked, unless that is dying.
fn alive(py: Python<'_>, entry: Option<&Entry>) -> Option<Py<HashTrieMapPy>> {
    // SAFETY: the map has not left the table, which it does before its memory goes.
    let map = unsafe { pyshim::try_incref(attached(py), entry?.object) }?;
    let map = map.into_ptr().as_ptr().cast();
    // SAFETY: the reference is ours to give away, and only maps are put into the table.
    Some(unsafe { Bound::from_owned_ptr(py, map).cast_into_unchecked().unbind() })
}

/// Takes a map that is about to be freed out of the table, if it is the one.
fn forget(contents: *const HashTrieMapPy) {
    let mut table = TABLE.lock();
    if table.as_ref().is_some_and(|entry| entry.contents == contents) {
        *table = None;
    }
}

impl Drop for HashTrieMapPy {
    fn drop(&mut self) {
        if self.inner.is_empty() {
            forget(self);
        }
    }
}
