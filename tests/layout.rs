//! Each struct from Rust to C and back.

#[path = "generated/layout.rs"]
#[rustfmt::skip]
mod generated;
