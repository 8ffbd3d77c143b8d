//! libclang's reading of C headers, through bindgen: declarations with their types, layouts, and
//! the values of constants. Nothing is compiled for the target and nothing runs, so any target that
//! libclang knows will do.
//!
//! bindgen writes Rust, and the Rust is read here. What is lost on this way:
//!
//! - `volatile`, `restrict`, the `const` of variables, and `const` that a typedef adds to what a
//!   pointer points at;
//! - whether a typedef names a function or a pointer to one: it is a pointer here;
//! - whether a number of 16 bytes is a `long double`, a `__float128` or an `unsigned __int128`, where
//!   headers write more than one of these; it is
//!   [`CType::Other`](crate::surface::ctype::CType::Other), and a fact says so;
//! - whether an array is a vector, which a fact says where headers write vectors;
//! - the type of `static` functions that take `...`, which are inline functions without a type;
//! - declarations under `#pragma GCC visibility push(hidden)`, which no caller could use;
//! - the value of a macro that is defined twice, differently;
//! - empty macros, nearly all of which are include guards.
//!
//! A struct whose fields bindgen gives up on has no layout, as an incomplete one has none; the fact
//! `unknown` of [`About`](crate::surface::About) names it.
//!
//! A struct, union or enumeration goes by its typedef when its tag is no typedef itself: `PyObject`,
//! and `_object` is an alias of it. An unnamed one goes by the field that has it: `_ts.cframe`.

mod answers;
mod apart;
mod files;
mod guard;
mod items;
mod kept;
mod library;
mod merge;
mod names;
mod questions;
mod reading;
mod record;
mod target;
mod types;

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Failure;
use super::cache::Cache;
use crate::surface::{Surface, Where};

pub use apart::{Apart, answer};
pub use library::version;
pub use merge::merge;

/// What to read, and how.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Request {
    /// The text of a C file: `#include <Python.h>`.
    pub header: String,
    /// For libclang: `-I`, `-D`, `--target=`.
    pub arguments: Vec<String>,
    /// Which names to tell of.
    pub wanted: Wanted,
    /// What this way to compile is called.
    pub label: Where,
}

/// Which names to tell of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Wanted {
    /// These.
    Names(BTreeSet<String>),
    /// Those that are declared in these files, and in files in these folders.
    Under(Vec<PathBuf>),
}

/// What libclang says of a header, compiled in one way.
pub fn observe(request: &Request) -> Result<Surface, Failure> {
    observe_with(request, &Cache::none(), None)
}

/// The same, unless it was asked before, and in a process of its own if there is one for it.
pub fn observe_with(
    request: &Request,
    cache: &Cache,
    apart: Option<&Apart>,
) -> Result<Surface, Failure> {
    kept::observe(request, cache, apart)
}

/// What libclang says, and the files that it read.
struct Looked {
    surface: Surface,
    files: BTreeSet<PathBuf>,
}

/// `system` is for libclang, and says where the headers are that no `-I` names.
fn look(request: &Request, system: Vec<String>) -> Result<Looked, Failure> {
    let request = request.clone();
    guard::guard(move || {
        library::load()?;
        let reading = reading::read(&request, &system)?;
        let target = target::Target::of(&reading)?;
        Ok(Looked {
            surface: items::surface(&request, &reading, &target),
            files: reading.notes.files,
        })
    })
}

/// What libclang says of a header, compiled in several ways.
pub fn observe_all(requests: &[Request]) -> Result<Surface, Failure> {
    let mut whole = Surface::default();
    for request in requests {
        merge(&mut whole, observe(request)?);
    }
    Ok(whole)
}
