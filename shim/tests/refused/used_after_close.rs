//! What was closed cannot be duplicated.

use pyshim::{Attached, Borrowed, StackRef};

fn used_after_close(attached: Attached<'_>, object: Borrowed<'_>) {
    let reference = StackRef::new(attached, object);
    reference.close();
    reference.dup().close();
}

fn main() {
    let _ = used_after_close;
}
