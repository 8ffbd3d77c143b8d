//! A mutex that is locked and unlocked, and two for sections.

use pyshim::{
    Attached, Mutex, RawMutex, with_critical_section_mutex, with_critical_section2_mutex,
};

use crate::convert::{
    Argument, Outcome, arguments, call, from_bool, from_number, from_text, to_number,
};
use crate::{cpython, sections};

static MUTEX: Mutex<()> = Mutex::new(());
static SECTION_MUTEXES: [RawMutex; 2] = [const { RawMutex::new() }; 2];

pub(crate) fn lock<'py>(attached: Attached<'py>, _: Argument<'py>) -> Outcome<'py> {
    core::mem::forget(MUTEX.lock());
    from_number(attached, 0)
}

pub(crate) fn try_lock<'py>(attached: Attached<'py>, _: Argument<'py>) -> Outcome<'py> {
    let guard = MUTEX.try_lock();
    let locked = guard.is_some();
    core::mem::forget(guard);
    from_bool(attached, locked)
}

pub(crate) fn unlock<'py>(attached: Attached<'py>, _: Argument<'py>) -> Outcome<'py> {
    // SAFETY: the script has it locked, by a guard that was forgotten.
    unsafe { MUTEX.force_unlock() };
    from_number(attached, 0)
}

pub(crate) fn is_locked<'py>(attached: Attached<'py>, _: Argument<'py>) -> Outcome<'py> {
    from_bool(attached, MUTEX.is_locked())
}

pub(crate) fn scheme<'py>(attached: Attached<'py>, _: Argument<'py>) -> Outcome<'py> {
    from_text(attached, RawMutex::scheme())
}

/// Counts without the thread state, where nothing but the mutex protects the number.
pub(crate) fn count<'py>(attached: Attached<'py>, argument: Argument<'py>) -> Outcome<'py> {
    let [n] = arguments(attached, argument)?;
    let n = to_number(attached, n)?;
    // SAFETY: attached, and attached again before anything of Python is used.
    let state = unsafe { cpython::PyEval_SaveThread() };
    for _ in 0..n {
        let _guard = MUTEX.lock();
        sections::add_one();
    }
    // SAFETY: the state is the one that was detached.
    unsafe { cpython::PyEval_RestoreThread(state) };
    from_number(attached, 0)
}

pub(crate) fn section_count<'py>(attached: Attached<'py>, argument: Argument<'py>) -> Outcome<'py> {
    let [n] = arguments(attached, argument)?;
    for _ in 0..to_number(attached, n)? {
        with_critical_section_mutex(attached, &SECTION_MUTEXES[0], sections::add_one);
    }
    from_number(attached, 0)
}

/// In the order that the first argument says: 0 or 1, or the same mutex twice for 2.
pub(crate) fn section2_count<'py>(
    attached: Attached<'py>,
    argument: Argument<'py>,
) -> Outcome<'py> {
    let [first, n] = arguments(attached, argument)?;
    let first = to_number(attached, first)?;
    let pair = [usize::from(first == 1), usize::from(first == 0)].map(|i| &SECTION_MUTEXES[i]);
    for _ in 0..to_number(attached, n)? {
        with_critical_section2_mutex(attached, pair, sections::add_one);
    }
    from_number(attached, 0)
}

/// Calls something inside of a section, which is suspended when that waits.
pub(crate) fn section_call<'py>(attached: Attached<'py>, argument: Argument<'py>) -> Outcome<'py> {
    let callable = argument?;
    with_critical_section_mutex(attached, &SECTION_MUTEXES[0], || call(attached, callable))
}
