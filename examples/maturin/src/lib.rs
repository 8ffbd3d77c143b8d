//! A number that threads add to.

use core::cell::UnsafeCell;

use pyo3::prelude::*;
use pyshim::bound::with_critical_section;
use pyshim::{Mutex, Needs};

/// What belongs to an object is changed in a critical section over the object.
#[pyclass(frozen)]
#[derive(Default)]
struct Tally {
    total: UnsafeCell<i64>,
}

// SAFETY: `Tally::add` alone looks at the number, in a critical section over its object.
unsafe impl Sync for Tally {}

#[pymethods]
impl Tally {
    #[new]
    fn new() -> Self {
        Tally::default()
    }

    /// Adds a number to this total and returns it.
    fn add(tally: &Bound<'_, Self>, number: i64) -> i64 {
        with_critical_section(tally, || {
            // SAFETY: see above.
            let total = unsafe { &mut *tally.get().total.get() };
            *total += number;
            *total
        })
    }
}

/// What belongs to none is changed under a mutex. Who waits for it lets other threads run Python.
static TOTAL: Mutex<i64> = Mutex::new(0);

#[pymodule(gil_used = false)]
mod tally {
    use super::*;

    #[pymodule_export]
    use super::Tally;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        Ok(pyshim::init(module.py().into(), Needs::CRITICAL_SECTION)?)
    }

    /// Adds a number to the module's total and returns it.
    #[pyfunction]
    fn add(number: i64) -> i64 {
        let mut total = TOTAL.lock();
        *total += number;
        *total
    }
}
