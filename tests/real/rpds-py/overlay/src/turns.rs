//! An iterator's state, which any thread may step on.
//!
//! Each item goes to one thread. The step itself may run Python code, such as the `__eq__` of a key,
//! and therefore runs outside of any lock, on a copy of the state, which costs a count or two. Only
//! looking and replacing are under a section over the iterator.

use core::cell::UnsafeCell;
use core::mem;

use pyo3::prelude::*;

use crate::attached::{attached, borrowed};

/// What is left of a collection.
pub(crate) struct Turns<T>(UnsafeCell<State<T>>);

struct State<T> {
    taken: usize,
    inner: T,
}

// SAFETY: the state is used in `Turns::within` only, by one thread at a time.
unsafe impl<T: Send> Sync for Turns<T> {}

/// What was left when a step began.
pub(crate) struct Turn<'py, T> {
    pub(crate) inner: T,
    py: Python<'py>,
}

impl<'py, T> Turn<'py, T> {
    pub(crate) fn py(&self) -> Python<'py> {
        self.py
    }
}

impl<T: Clone> Turns<T> {
    pub(crate) fn new(inner: T) -> Self {
        Turns(UnsafeCell::new(State { taken: 0, inner }))
    }

    /// Takes an item; `step` finds it, and what is left without it.
    pub(crate) fn take<R>(
        &self,
        owner: &Bound<'_, PyAny>,
        step: impl Fn(&Turn<'_, T>) -> Option<(R, T)>,
    ) -> Option<R> {
        loop {
            let (taken, inner) = self.within(owner, |state| (state.taken, state.inner.clone()));
            let py = owner.py();
            let (item, mut rest) = step(&Turn { inner, py })?;
            let first = self.within(owner, |state| {
                let first = state.taken == taken;
                if first {
                    state.taken += 1;
                    mem::swap(&mut state.inner, &mut rest);
                }
                first
            });
            // `rest` is now what nobody needs, and dropping it may run any code.
            if first {
                return Some(item);
            }
        }
    }

    /// `body` neither runs Python code nor waits, so the section is not given up in it.
    fn within<R>(&self, owner: &Bound<'_, PyAny>, body: impl FnOnce(&mut State<T>) -> R) -> R {
        pyshim::with_critical_section(attached(owner.py()), borrowed(owner), || {
            // SAFETY: every use is in a section over the owner, and in the GIL where there is one.
            body(unsafe { &mut *self.0.get() })
        })
    }
}
