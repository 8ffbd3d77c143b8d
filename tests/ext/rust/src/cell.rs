//! One atomic reference. None stands for an empty cell, in both directions.

use pyshim::{AtomicRef, Attached, Borrowed, Owned};

use crate::convert::{Argument, Outcome, arguments, from_bool, from_number, none, to_number};

// SAFETY: the module's slots say that there is one interpreter.
static CELL: AtomicRef = unsafe { AtomicRef::new() };

fn from_cell<'py>(attached: Attached<'py>, held: Option<Owned<'py>>) -> Outcome<'py> {
    held.or_else(|| Some(none(attached).to_owned(attached)))
}

fn to_cell<'py>(attached: Attached<'py>, object: Borrowed<'py>) -> Option<Borrowed<'py>> {
    Some(object).filter(|object| *object != none(attached))
}

pub(crate) fn load<'py>(attached: Attached<'py>, _: Argument<'py>) -> Outcome<'py> {
    from_cell(attached, CELL.load(attached))
}

pub(crate) fn store<'py>(attached: Attached<'py>, argument: Argument<'py>) -> Outcome<'py> {
    CELL.store(attached, to_cell(attached, argument?));
    from_number(attached, 0)
}

pub(crate) fn swap<'py>(attached: Attached<'py>, argument: Argument<'py>) -> Outcome<'py> {
    from_cell(attached, CELL.swap(attached, to_cell(attached, argument?)))
}

pub(crate) fn compare_exchange<'py>(
    attached: Attached<'py>,
    argument: Argument<'py>,
) -> Outcome<'py> {
    let [expected, desired] = arguments(attached, argument)?.map(|item| to_cell(attached, item));
    from_bool(attached, CELL.compare_exchange(attached, expected, desired))
}

pub(crate) fn clear<'py>(attached: Attached<'py>, _: Argument<'py>) -> Outcome<'py> {
    CELL.clear(attached);
    from_number(attached, 0)
}

/// Whether it holds the very object, or nothing at all.
pub(crate) fn is<'py>(attached: Attached<'py>, argument: Argument<'py>) -> Outcome<'py> {
    let held = match to_cell(attached, argument?) {
        Some(object) => CELL.holds(attached, object),
        // SAFETY: what it sees is not used, and tests have no other thread then.
        None => unsafe { CELL.peek() }.is_none(),
    };
    from_bool(attached, held)
}

/// Loads n times and drops what was loaded, without Python code in between.
pub(crate) fn hammer<'py>(attached: Attached<'py>, argument: Argument<'py>) -> Outcome<'py> {
    let [n] = arguments(attached, argument)?;
    let loads = 0..to_number(attached, n)?;
    let seen = loads.filter(|_| CELL.load(attached).is_some()).count();
    from_number(attached, i64::try_from(seen).ok()?)
}
