//! Giving the reference away takes it.

use pyshim::{Attached, Borrowed, Owned, StackRef};

fn stolen_twice<'py>(attached: Attached<'py>, object: Borrowed<'_>) -> [Owned<'py>; 2] {
    let reference = StackRef::new(attached, object);
    [reference.into_owned(), reference.into_owned()]
}

fn main() {
    let _ = stolen_twice;
}
