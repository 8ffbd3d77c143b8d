//! What was closed cannot be borrowed.

use pyshim::{Attached, Borrowed, StackRef, enable_try_incref};

fn borrowed_after_close(attached: Attached<'_>, object: Borrowed<'_>) {
    let reference = StackRef::new(attached, object);
    reference.close();
    enable_try_incref(attached, reference.borrow());
}

fn main() {
    let _ = borrowed_after_close;
}
