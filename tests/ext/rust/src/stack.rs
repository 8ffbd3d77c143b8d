//! Stack references.

use pyshim::{
    Attached, Borrowed, Owned, StackRef, StackRefMistake, keep_stack_ref_reports,
    stack_refs_are_checked, take_stack_ref_report, with_stack_frame,
};

use crate::convert::{Argument, Outcome, from_bool};
use crate::cpython;

/// `[object, object]`, by way of references that are duplicated, borrowed and returned out of a frame.
pub(crate) fn pair<'py>(attached: Attached<'py>, argument: Argument<'py>) -> Outcome<'py> {
    let object = argument?;
    let list = with_stack_frame(attached, || {
        let first = StackRef::new(attached, object);
        let second = first.dup();
        let list = list_of(
            attached,
            [first.into_owned(), second.borrow().to_owned(attached)],
        );
        second.close();
        Some(StackRef::from_owned(list?))
    });
    list.map(StackRef::into_owned)
}

/// A leak is the one mistake that takes no `unsafe`. Says whether all is as it should be: it is
/// reported, with its lines, where references are checked.
pub(crate) fn leak<'py>(attached: Attached<'py>, argument: Argument<'py>) -> Outcome<'py> {
    let object = argument?;
    let mut leaked = None;
    keep_stack_ref_reports(attached, true);
    let line = line!() + 2;
    with_stack_frame(attached, || {
        leaked = Some(StackRef::new(attached, object));
        None::<StackRef<'_>>
    });
    let report = take_stack_ref_report(attached);
    keep_stack_ref_reports(attached, false);
    drop(leaked);
    from_bool(
        attached,
        match (report, stack_refs_are_checked()) {
            (None, false) => true,
            (Some(report), true) => {
                let [created, found] =
                    [report.created, report.found].map(|place| place.map_or(0, |p| p.line));
                report.mistake == StackRefMistake::Leaked
                    && report.object == object.as_ptr().addr()
                    && (created, found) == (line, line - 1)
            }
            _ => false,
        },
    )
}

/// A list that takes the references.
fn list_of<'py>(attached: Attached<'py>, items: [Owned<'py>; 2]) -> Option<Owned<'py>> {
    // SAFETY: attached, and the list is new.
    let list = unsafe { Owned::from_nullable(attached, cpython::PyList_New(0)) }?;
    for item in items {
        append(&list, item.borrow())?;
    }
    Some(list)
}

fn append(list: &Owned<'_>, item: Borrowed<'_>) -> Option<()> {
    // SAFETY: both are alive, and a list is a list.
    let failed = unsafe { cpython::PyList_Append(list.as_ptr(), item.as_ptr()) };
    (failed == 0).then_some(())
}
