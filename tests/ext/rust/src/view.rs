//! Views, and entering an interpreter.

use pyshim::{
    Attached, InterpreterView, SentView, close_view, open_view, view_counts, withdraw_view,
};

use crate::convert::{Argument, Outcome, from_bool, from_number, to_number};

pub(crate) fn send<'py>(attached: Attached<'py>, argument: Argument<'py>) -> Outcome<'py> {
    Some(SentView::new(attached, argument?).ok()?.into_token())
}

/// Sends, and withdraws because it does not keep the view.
pub(crate) fn send_for_a_moment<'py>(
    attached: Attached<'py>,
    argument: Argument<'py>,
) -> Outcome<'py> {
    let view = SentView::new(attached, argument?).ok()?;
    let sent = view_counts().sent;
    drop(view);
    from_number(attached, i64::try_from(sent - view_counts().sent).ok()?)
}

pub(crate) fn open<'py>(attached: Attached<'py>, argument: Argument<'py>) -> Outcome<'py> {
    open_view(attached, argument?).ok()
}

pub(crate) fn close<'py>(attached: Attached<'py>, argument: Argument<'py>) -> Outcome<'py> {
    close_view(attached, argument?).ok()?;
    from_number(attached, 0)
}

pub(crate) fn withdraw<'py>(attached: Attached<'py>, argument: Argument<'py>) -> Outcome<'py> {
    from_bool(attached, withdraw_view(attached, argument?).ok()?)
}

/// Sent, open and pinned ones as the digits of a number.
pub(crate) fn count<'py>(attached: Attached<'py>, _: Argument<'py>) -> Outcome<'py> {
    let counts = view_counts();
    let number = counts.sent * 100 + counts.open * 10 + counts.pinned;
    from_number(attached, i64::try_from(number).ok()?)
}

/// Enters the interpreter that it is in; whether a number that was made there is what it should be.
pub(crate) fn enter<'py>(attached: Attached<'py>, _: Argument<'py>) -> Outcome<'py> {
    let view = InterpreterView::from_current(attached).ok()?;
    let made = view.enter(|inside| {
        let object = from_number(inside, 21)?;
        to_number(inside, object.borrow())
    });
    from_bool(attached, made == Some(Some(21)))
}
