//! Compiles the C core.
fn main() {}
