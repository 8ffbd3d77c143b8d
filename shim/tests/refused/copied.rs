//! There is one of each.

use pyshim::{Attached, Borrowed, StackRef};

fn copied(attached: Attached<'_>, object: Borrowed<'_>) {
    let reference = StackRef::new(attached, object);
    let second = reference;
    reference.close();
    second.clone().close();
}

fn main() {
    let _ = copied;
}
