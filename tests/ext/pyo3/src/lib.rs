//! All of `pyshim::bound`, for `check.py` to use.

use core::cell::UnsafeCell;
use core::ptr::NonNull;

use pyo3::prelude::*;
use pyo3::types::PyMemoryView;
use pyo3::{PyTraverseError, PyVisit, ffi};
use pyshim::bound::{
    self, AtomicPy, OncePy, with_critical_section, with_critical_section_mutex,
    with_critical_section2, with_critical_section2_mutex,
};
use pyshim::{Mutex, Needs, Once, RawMutex};

/// A number that is read and written in sections only.
struct Guarded(UnsafeCell<i64>);

// SAFETY: `add` is called in a section over what the number belongs to.
unsafe impl Sync for Guarded {}

impl Guarded {
    const fn new() -> Self {
        Guarded(UnsafeCell::new(0))
    }

    /// # Safety
    ///
    /// Nobody else is in a section over the same thing.
    unsafe fn add(&self, number: i64) -> i64 {
        // SAFETY: as the caller says.
        unsafe {
            *self.0.get() += number;
            *self.0.get()
        }
    }
}

/// A number that belongs to an object.
#[pyclass(frozen)]
struct Account {
    total: Guarded,
}

#[pymethods]
impl Account {
    #[new]
    fn new() -> Self {
        Account {
            total: Guarded::new(),
        }
    }

    fn add(account: &Bound<'_, Self>, number: i64) -> i64 {
        // SAFETY: a section over the account.
        with_critical_section(account, || unsafe { account.get().total.add(number) })
    }

    /// Takes from one and gives to the other, and returns what that has.
    fn give(account: &Bound<'_, Self>, other: &Bound<'_, Self>, number: i64) -> i64 {
        with_critical_section2(account, other, || {
            // SAFETY: a section over both accounts.
            unsafe {
                account.get().total.add(-number);
                other.get().total.add(number)
            }
        })
    }
}

/// What holds references and can be part of a cycle.
#[pyclass(weakref)]
#[derive(Default)]
struct Holder {
    cell: AtomicPy<PyAny>,
    once: OncePy<PyAny>,
}

#[pymethods]
impl Holder {
    #[new]
    fn new() -> Self {
        Holder::default()
    }

    fn hold(&self, object: &Bound<'_, PyAny>) {
        self.cell.store(object.py(), Some(object));
    }

    fn keep(&self, object: &Bound<'_, PyAny>) -> PyResult<()> {
        let kept = self
            .once
            .get_or_try_init(object.py(), || Ok(object.clone()));
        kept.map(drop)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.cell.traverse(&visit)?;
        self.once.traverse(&visit)
    }

    fn __clear__(&mut self) {
        Python::attach(|py| {
            self.cell.clear(py);
            drop(self.once.take(py));
        });
    }
}

static LATEST: AtomicPy<PyAny> = AtomicPy::new();
static MADE: OncePy<PyAny> = OncePy::new();
static READY: Once = Once::new();
static TOTAL: Mutex<i64> = Mutex::new(0);
static SECTIONS: [RawMutex; 2] = [RawMutex::new(), RawMutex::new()];
static BY_SECTION: Guarded = Guarded::new();

/// The same type under both names.
fn address(object: &Bound<'_, PyAny>) -> Option<NonNull<pyshim::PyObject>> {
    let object: *mut ffi::PyObject = object.as_ptr();
    NonNull::new(object)
}

#[pymodule(gil_used = false)]
mod bound_demo {
    use super::*;

    #[pymodule_export]
    use super::{Account, Holder};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        Ok(pyshim::init(module.py().into(), Needs::ALL)?)
    }

    #[pyfunction]
    fn add(number: i64) -> i64 {
        let mut total = TOTAL.lock();
        *total += number;
        *total
    }

    #[pyfunction]
    fn add_in_section(py: Python<'_>, number: i64) -> i64 {
        // SAFETY: a section over the first mutex, as below.
        with_critical_section_mutex(py, &SECTIONS[0], || unsafe { BY_SECTION.add(number) })
    }

    #[pyfunction]
    fn add_in_two_sections(py: Python<'_>, number: i64) -> i64 {
        let [first, second] = &SECTIONS;
        with_critical_section2_mutex(py, [second, first], || {
            // SAFETY: a section over the first mutex, as above.
            unsafe { BY_SECTION.add(number) }
        })
    }

    #[pyfunction]
    fn store(object: &Bound<'_, PyAny>) {
        LATEST.store(object.py(), Some(object));
    }

    #[pyfunction]
    fn load(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
        LATEST.load(py)
    }

    #[pyfunction]
    fn swap<'py>(object: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
        LATEST.swap(object.py(), Some(object))
    }

    #[pyfunction]
    fn replace(expected: &Bound<'_, PyAny>, desired: &Bound<'_, PyAny>) -> bool {
        LATEST.compare_exchange(expected.py(), Some(expected), Some(desired))
    }

    #[pyfunction]
    fn holds(object: &Bound<'_, PyAny>) -> bool {
        LATEST.holds(object)
    }

    #[pyfunction]
    fn clear(py: Python<'_>) {
        LATEST.clear(py);
    }

    /// A cell is dropped where no thread state is.
    #[pyfunction]
    fn drop_detached(object: Bound<'_, PyAny>) {
        let py = object.py();
        let cell = AtomicPy::from(object);
        py.detach(|| drop(cell));
    }

    /// What is in a once is taken out, or dropped with it.
    #[pyfunction]
    fn keep_and_take<'py>(
        object: &Bound<'py, PyAny>,
        take: bool,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let mut once = OncePy::new();
        once.get_or_try_init(object.py(), || Ok(object.clone()))?;
        Ok(if take { once.take(object.py()) } else { None })
    }

    #[pyfunction]
    fn made<'py>(make: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = make.py();
        let made = MADE.get_or_try_init(py, || make.call0())?;
        assert!(MADE.get(py).is_some_and(|known| known.is(&made)));
        Ok(made.to_owned())
    }

    #[pyfunction]
    fn once(initialise: &Bound<'_, PyAny>) -> PyResult<bool> {
        READY.call(initialise.py().into(), || initialise.call0().map(drop))?;
        Ok(READY.is_done())
    }

    #[pyfunction]
    fn alive<'py>(object: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
        bound::enable_try_incref(object);
        // SAFETY: somebody has a reference to it.
        unsafe { bound::try_incref(object.py(), address(object)?) }
    }

    #[pyfunction]
    fn send<'py>(exporter: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        Ok(bound::send_view(exporter)?
            .into_token()
            .into_bound(exporter.py()))
    }

    #[pyfunction]
    fn open<'py>(token: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyMemoryView>> {
        bound::open_view(token)
    }

    #[pyfunction]
    fn close(memory: &Bound<'_, PyMemoryView>) -> PyResult<()> {
        bound::close_view(memory)
    }

    #[pyfunction]
    fn withdraw(token: &Bound<'_, PyAny>) -> PyResult<bool> {
        bound::withdraw_view(token)
    }
}
