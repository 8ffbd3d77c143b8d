//! A borrow that is used later keeps its owner from being closed.

use pyshim::{Attached, Borrowed, StackRef, enable_try_incref};

fn closed_while_borrowed(attached: Attached<'_>, object: Borrowed<'_>) {
    let reference = StackRef::new(attached, object);
    let borrowed = reference.borrow();
    reference.close();
    enable_try_incref(attached, borrowed);
}

fn main() {
    let _ = closed_while_borrowed;
}
