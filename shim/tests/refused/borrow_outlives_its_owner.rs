//! A function cannot return what it borrows from a reference of its own.

use pyshim::{Attached, Borrowed, StackRef};

fn borrow_outlives_its_owner<'py>(attached: Attached<'py>, object: Borrowed<'_>) -> Borrowed<'py> {
    let reference = StackRef::new(attached, object);
    reference.borrow()
}

fn main() {
    let _ = borrow_outlives_its_owner;
}
