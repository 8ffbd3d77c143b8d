// SPDX-License-Identifier: 0BSD
//! CPython's object, of which nothing is known but its address.

#[cfg(not(feature = "pyo3-ffi"))]
use core::marker::{PhantomData, PhantomPinned};

/// A Python object. Its layout is the running CPython's, so it exists behind pointers only; cast
/// from and to other crates' types of this name. With the feature `pyo3-ffi` it is that of pyo3-ffi.
#[cfg(not(feature = "pyo3-ffi"))]
#[repr(C)]
pub struct PyObject {
    contents: [u8; 0],
    /// Neither to be moved nor, by itself, to be used from another thread.
    marker: PhantomData<(*mut u8, PhantomPinned)>,
}

#[cfg(feature = "pyo3-ffi")]
pub use pyo3_ffi::PyObject;
