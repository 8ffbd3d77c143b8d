// SPDX-License-Identifier: 0BSD
//! Critical sections, a mutex, try-incref, an atomic reference, views of memory for other interpreters
//! and the module GIL slot, on every CPython from 3.8 on, GIL-enabled or free-threaded, from one binary.
//!
//! Everything goes through a table of functions that [`init()`] fills in for the running CPython, so
//! this crate is compiled without Python and needs none before it runs. What needs a thread that is
//! attached to an interpreter takes an [`Attached`] to say so, and is safe with it where the rest
//! can be seen to by types. [`ffi`] is the same as C has it.
//!
//! ```no_run
//! use core::ffi::{c_int, c_void};
//! use pyshim::{Attached, Borrowed, with_critical_section};
//!
//! /// Counts up in a place that `object` guards.
//! fn count(attached: Attached<'_>, object: Borrowed<'_>, place: *mut i64) {
//!     with_critical_section(attached, object, || {
//!         // SAFETY: the section keeps other threads away from what belongs to `object`.
//!         unsafe { *place += 1 };
//!     });
//! }
//! ```
#![no_std]

mod atomic_ref;
mod attached;
#[cfg(feature = "pyo3")]
pub mod bound;
mod critical_section;
mod definition;
mod error;
mod init;
mod interpreter;
mod module;
mod mutex;
mod object;
mod once;
mod reference;
mod runtime;
mod stack_ref;
mod try_incref;
mod view;
#[cfg(feature = "pyo3")]
mod with_pyo3;

/// Types, constants and functions as the C headers have them.
#[path = "generated/ffi.rs"]
#[rustfmt::skip]
pub mod ffi;

pub use atomic_ref::AtomicRef;
pub use attached::Attached;
pub use critical_section::{
    CriticalSection, CriticalSection2, try_with_critical_section, try_with_critical_section2,
    with_critical_section, with_critical_section2,
};
pub use definition::{Interpreters, ModuleBuild, ModuleDefinition, ModuleSlot, TypeDefinition};
pub use error::{LoadError, Raised};
pub use init::{Needs, init};
pub use interpreter::{InterpreterGuard, InterpreterView};
pub use module::{MOD_GIL_SLOT, ModGil, gil_decide, module_export, module_init, module_set_gil};
#[cfg(feature = "lock_api")]
pub use mutex::{Mutex, MutexGuard};
pub use mutex::{RawMutex, with_critical_section_mutex, with_critical_section2_mutex};
pub use object::PyObject;
pub use once::{Once, OnceObject};
pub use reference::{Borrowed, Owned};
pub use runtime::{Build, Sections, Version, VersionRange, providers, sections};
pub use stack_ref::{
    StackRef, StackRefMistake, StackRefPlace, StackRefReport, keep_stack_ref_reports,
    stack_refs_are_checked, take_stack_ref_report, with_stack_frame,
};
pub use try_incref::{enable_try_incref, try_incref};
pub use view::{SentView, ViewCounts, close_view, open_view, view_counts, withdraw_view};

/// Compiles the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
