//! Runs the lock-free parts of the C core under loom, a model checker for C11 atomics.
//!
//! The very C files are compiled so that each atomic operation calls back into this crate, which
//! hands it to loom: `core` is that border, `world` knows which address is which of loom's atomics,
//! `parking` is where threads wait, `object` plays the interpreter's objects and knows how many references there really are, `site`
//! has the memory orders of `orders.h`, `models` are the situations, and `explore` runs one.

pub mod core;
pub mod explore;
pub mod models;
pub mod object;
mod parking;
pub mod site;
pub mod world;
