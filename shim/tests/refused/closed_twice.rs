//! Closing takes the reference.

use pyshim::{Attached, Borrowed, StackRef};

fn closed_twice(attached: Attached<'_>, object: Borrowed<'_>) {
    let reference = StackRef::new(attached, object);
    reference.close();
    reference.close();
}

fn main() {
    let _ = closed_twice;
}
