//! Each struct from Rust to C and back.

// The C functions read and write one struct and as many values as it has fields, which is what each
// call gives them; what they fill in is initialised afterwards.
#[path = "generated/layout.rs"]
#[rustfmt::skip]
#[allow(clippy::undocumented_unsafe_blocks, reason = "the printer drops comments; it is said here")]
mod generated;
