//! Counting under critical sections.

use core::cell::UnsafeCell;
use core::ffi::c_long;
use core::mem::MaybeUninit;
use std::panic::{catch_unwind, resume_unwind};

use pyshim::{
    Attached, Borrowed, CriticalSection, try_with_critical_section2, with_critical_section,
    with_critical_section2,
};

use crate::convert::{Argument, Outcome, arguments, from_bool, from_number, to_number};

/// A number that only sections protect.
struct Total(UnsafeCell<i64>);

// SAFETY: it is not safe, which is what sections over the same object are to make up for.
unsafe impl Sync for Total {}

static TOTAL: Total = Total(UnsafeCell::new(0));

impl Total {
    fn get(&self) -> i64 {
        // SAFETY: callers are in a section, or alone. Volatile, so that a race would show.
        unsafe { self.0.get().read_volatile() }
    }

    fn set(&self, value: i64) {
        // SAFETY: as for reading.
        unsafe { self.0.get().write_volatile(value) }
    }
}

pub(crate) fn add_one() {
    TOTAL.set(TOTAL.get() + 1);
}

pub(crate) fn count<'py>(attached: Attached<'py>, argument: Argument<'py>) -> Outcome<'py> {
    let [object, n] = arguments(attached, argument)?;
    for _ in 0..to_number(attached, n)? {
        with_critical_section(attached, object, add_one);
    }
    from_number(
        attached,
        with_critical_section(attached, object, || TOTAL.get()),
    )
}

pub(crate) fn count2<'py>(attached: Attached<'py>, argument: Argument<'py>) -> Outcome<'py> {
    let [a, b, n] = arguments(attached, argument)?;
    for _ in 0..to_number(attached, n)? {
        with_critical_section2(attached, [a, b], add_one);
    }
    from_number(
        attached,
        with_critical_section2(attached, [a, b], || TOTAL.get()),
    )
}

/// Leaves the section by an early exit every other time.
fn add_one_checked(attached: Attached<'_>, object: Borrowed<'_>, i: c_long) -> Option<()> {
    let mut storage = MaybeUninit::uninit();
    // SAFETY: the guard is dropped on the way out, and no other section begins in between.
    let _section = unsafe { CriticalSection::try_begin(attached, &mut storage, object) }.ok()?;
    add_one();
    if i % 2 == 0 {
        return Some(());
    }
    Some(())
}

pub(crate) fn count_checked<'py>(attached: Attached<'py>, argument: Argument<'py>) -> Outcome<'py> {
    let [object, n] = arguments(attached, argument)?;
    for i in 0..to_number(attached, n)? {
        add_one_checked(attached, object, i)?;
    }
    from_number(
        attached,
        with_critical_section(attached, object, || TOTAL.get()),
    )
}

/// Counts in two sections, one in the other, and leaves both by a panic. Whether there was one.
pub(crate) fn count_and_panic<'py>(
    attached: Attached<'py>,
    argument: Argument<'py>,
) -> Outcome<'py> {
    let [a, b] = arguments(attached, argument)?;
    let outcome = catch_unwind(|| {
        with_critical_section(attached, a, || {
            with_critical_section2(attached, [a, b], || {
                add_one();
                resume_unwind(Box::new(()))
            })
        })
    });
    from_bool(attached, outcome.is_err())
}

/// Begins a checked section over two objects; what it raises is the caller's to see.
pub(crate) fn begin2_checked<'py>(
    attached: Attached<'py>,
    argument: Argument<'py>,
) -> Outcome<'py> {
    let objects = arguments(attached, argument)?;
    try_with_critical_section2(attached, objects, || ()).ok()?;
    from_number(attached, 0)
}

pub(crate) fn reset<'py>(attached: Attached<'py>, _: Argument<'py>) -> Outcome<'py> {
    TOTAL.set(0);
    from_number(attached, 0)
}

pub(crate) fn total<'py>(attached: Attached<'py>, _: Argument<'py>) -> Outcome<'py> {
    from_number(attached, TOTAL.get())
}
