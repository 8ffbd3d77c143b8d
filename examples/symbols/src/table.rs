//! The table of all symbols. It keeps none of them alive.
//!
//! A symbol leaves the table while it is dropped, on whichever thread that happens. A thread that
//! looks it up at that moment finds an object whose reference count has gone to zero; taking a
//! reference in the ordinary way would bring the dead back. Try-incref says no instead.
//!
//! The count that it looks at has to be there still, and the lock sees to that: a symbol's memory is
//! given back after it has left the table, and it cannot leave while the table is locked.
//!
//! Nothing under the lock runs Python code or waits. Making a symbol may run the collector, which may
//! drop symbols, which lock the table; so symbols are made and dropped outside.

use core::ptr::NonNull;
use std::collections::BTreeMap;

use pyo3::prelude::*;
use pyshim::bound::{enable_try_incref, try_incref};
use pyshim::{Borrowed, Mutex, PyObject};

use crate::Symbol;

/// A symbol as Python has it, and the part of it that Rust has.
struct Entry {
    object: NonNull<PyObject>,
    symbol: *const Symbol,
}

// SAFETY: an entry goes nowhere without the table, and what may be done with it is said above.
unsafe impl Send for Entry {}

static TABLE: Mutex<BTreeMap<Box<str>, Entry>> = Mutex::new(BTreeMap::new());

/// Finds a symbol, or makes it.
pub(crate) fn intern(py: Python<'_>, name: &str) -> PyResult<Py<Symbol>> {
    if let Some(found) = alive(py, TABLE.lock().get(name)) {
        return Ok(found);
    }
    let name: Box<str> = name.into();
    let made = Bound::new(py, Symbol { name: name.clone() })?;
    let mut table = TABLE.lock();
    // Another thread may have been faster. `made` is dropped after the lock, being older.
    if let Some(first) = alive(py, table.get(&name)) {
        return Ok(first);
    }
    // Before others see it: from now on they can take references, too.
    enable_try_incref(&made);
    let entry = Entry {
        object: Borrowed::from(&made).as_non_null(),
        symbol: made.get(),
    };
    // What had the name, if anything, is dying, and will find that the entry is not its own.
    table.insert(name, entry);
    Ok(made.clone().unbind())
}

/// A reference to an entry of the table, which is locked, unless its symbol is dying.
fn alive(py: Python<'_>, entry: Option<&Entry>) -> Option<Py<Symbol>> {
    // SAFETY: `intern` puts symbols into the table only, and while it is locked, the memory of what is
    // in it is valid.
    unsafe { try_incref(py, entry?.object) }.map(Bound::unbind)
}

/// Takes a symbol that is being dropped out of the table, unless another one has its name by now.
pub(crate) fn forget(symbol: &Symbol) {
    let mut table = TABLE.lock();
    let own = |entry: &Entry| core::ptr::eq(entry.symbol, symbol);
    if table.get(&symbol.name).is_some_and(own) {
        table.remove(&symbol.name);
    }
}

/// How many there are, some of which may be dying.
pub(crate) fn len() -> usize {
    TABLE.lock().len()
}
