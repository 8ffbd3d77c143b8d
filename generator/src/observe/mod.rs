//! Observing: what a real CPython, or any C library, looks like from outside.

#[cfg(feature = "clang")]
pub mod clang;
pub mod failure;

pub use failure::{Failure, Trouble};
