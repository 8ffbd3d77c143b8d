//! Observing: what a real CPython, or any C library, looks like from outside.
//!
//! Oracles that know nothing of one another are asked, and must agree: a C program that is compiled
//! and never run, libclang, and the symbol table. None of them is told a fact; what they are given
//! is names.

pub mod agree;
pub mod cache;
#[cfg(feature = "clang")]
pub mod clang;
pub mod compiler;
pub mod failure;
pub mod find;
mod headers;
mod members;
pub mod mode;
pub mod names;
mod own;
pub mod probe;
pub mod process;
pub mod python;
pub mod session;
pub mod subject;
pub mod symbols;

pub use failure::{Failure, Trouble};
