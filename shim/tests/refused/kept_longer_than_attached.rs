//! It does not outlive the right to call CPython.

use pyshim::{Attached, Borrowed, StackRef};

fn kept<'py>(attached: Attached<'py>, object: Borrowed<'_>) -> StackRef<'static> {
    StackRef::new(attached, object)
}

fn main() {
    let _ = kept;
}
