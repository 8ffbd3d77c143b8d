//! Symbols: two are the same object when they have the same name, so comparing them is comparing
//! addresses.

mod table;

use pyo3::prelude::*;
use pyshim::Needs;

/// A name that there is one object of.
#[pyclass(frozen, module = "symbols")]
struct Symbol {
    name: Box<str>,
}

#[pymethods]
impl Symbol {
    #[getter]
    fn name(&self) -> &str {
        &self.name
    }

    fn __repr__(&self) -> String {
        format!("symbol({:?})", self.name)
    }
}

impl Drop for Symbol {
    fn drop(&mut self) {
        table::forget(self);
    }
}

#[pymodule(gil_used = false)]
mod symbols {
    use super::*;

    #[pymodule_export]
    use super::Symbol;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        Ok(pyshim::init(module.py().into(), Needs::TRY_INCREF)?)
    }

    /// The symbol of that name.
    #[pyfunction]
    fn symbol(py: Python<'_>, name: &str) -> PyResult<Py<Symbol>> {
        table::intern(py, name)
    }

    /// How many symbols there are.
    #[pyfunction]
    fn count() -> usize {
        table::len()
    }
}
