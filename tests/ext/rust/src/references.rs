//! Try-incref.

use pyshim::Attached;

use crate::convert::{Argument, Outcome, from_bool, from_number};

/// Tries, and drops what it got.
pub(crate) fn try_incref<'py>(attached: Attached<'py>, argument: Argument<'py>) -> Outcome<'py> {
    let object = argument?.as_non_null();
    // SAFETY: the caller lends the object, so its memory is valid.
    let taken = unsafe { pyshim::try_incref(attached, object) };
    from_bool(attached, taken.is_some())
}

pub(crate) fn enable<'py>(attached: Attached<'py>, argument: Argument<'py>) -> Outcome<'py> {
    pyshim::enable_try_incref(attached, argument?);
    from_number(attached, 0)
}
