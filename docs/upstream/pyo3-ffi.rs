//! Calls that pyo3-ffi answers and headers answer otherwise. In a package with
//! `crate-type = ["cdylib"]` and pyo3-ffi as its dependency, called `calls`:
//!
//!     PYO3_PYTHON=python3.14 PYO3_BUILD_EXTENSION_MODULE=1 cargo build
//!     python3.14 -c 'import ctypes, sys; f = ctypes.PyDLL("target/debug/libcalls.so").refcnt;
//!     f.argtypes, f.restype = [ctypes.py_object], ctypes.c_ssize_t; print(f(None), sys.getrefcount(None))'
//!
//! `cargo xtask upstream` does so with every CPython.

use pyo3_ffi::{Py_REFCNT, Py_ssize_t, PyObject};

/// What the bindings take the reference count of an object for.
///
/// # Safety
///
/// It is an object, and the thread is attached.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn refcnt(object: *mut PyObject) -> Py_ssize_t {
    // SAFETY: as this function's.
    unsafe { Py_REFCNT(object) }
}
