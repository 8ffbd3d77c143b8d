//! It is set where the thread no longer is.

use pyshim::{InterpreterView, Raised};

fn leaves(view: &InterpreterView) -> Option<Result<(), Raised>> {
    view.enter(|inside| InterpreterView::from_current(inside).map(drop))
}

fn main() {
    let _ = leaves;
}
