//! Initialisation that happens once.

use pyshim::{Attached, Once, OnceObject, Raised};

use crate::convert::{Argument, Outcome, call, from_bool, from_number, none};

static ONCE: Once = Once::new();
// SAFETY: the module's slots say that there is one interpreter.
static OBJECT: OnceObject = unsafe { OnceObject::new() };

/// Stands for the exception that a call has set.
struct Failed;

impl From<Raised> for Failed {
    fn from(_: Raised) -> Self {
        Failed
    }
}

pub(crate) fn call_once<'py>(attached: Attached<'py>, argument: Argument<'py>) -> Outcome<'py> {
    let callable = argument?;
    let outcome = ONCE.call(attached, || {
        call(attached, callable).map(drop).ok_or(Failed)
    });
    outcome.ok()?;
    from_number(attached, 0)
}

pub(crate) fn is_done<'py>(attached: Attached<'py>, _: Argument<'py>) -> Outcome<'py> {
    from_bool(attached, ONCE.is_done())
}

pub(crate) fn make<'py>(attached: Attached<'py>, argument: Argument<'py>) -> Outcome<'py> {
    let callable = argument?;
    let made = OBJECT.get_or_make(attached, || call(attached, callable).ok_or(Failed));
    Some(made.ok()?.to_owned(attached))
}

pub(crate) fn get<'py>(attached: Attached<'py>, _: Argument<'py>) -> Outcome<'py> {
    let made = OBJECT.get(attached).unwrap_or_else(|| none(attached));
    Some(made.to_owned(attached))
}

pub(crate) fn clear<'py>(attached: Attached<'py>, _: Argument<'py>) -> Outcome<'py> {
    // SAFETY: the script has no other thread then, and every method takes a reference of its own.
    unsafe { OBJECT.clear(attached) };
    from_number(attached, 0)
}
