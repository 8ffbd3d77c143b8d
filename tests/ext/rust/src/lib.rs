//! The test extension in Rust: the same functions with the same results as in C, for one
//! interpreter at a time.

mod cell;
mod convert;
mod cpython;
#[cfg(Py_3_15)]
mod export;
#[cfg(not(Py_3_15))]
mod init;
mod module;
mod mutex;
mod once;
mod references;
mod runtime;
mod sections;
mod stack;
mod view;

/// CPython's structs, as the generator mirrors them.
#[path = "../../../generated/upstream.rs"]
#[rustfmt::skip]
mod upstream;
