//! Where the threads of a model wait for a mutex: what `parking.c` does with a lock and condition
//! variables of the system's, with those of the model checker.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use loom::sync::{Condvar, Mutex, MutexGuard};

/// One bucket for all places.
pub(crate) struct Parking {
    lock: Mutex<()>,
    /// Of whoever has the lock.
    guard: RefCell<Option<MutexGuard<'static, ()>>>,
    /// One for each thread.
    conditions: Vec<Condvar>,
    /// Place and waiter, oldest first.
    queue: RefCell<VecDeque<(usize, usize)>>,
    threads: RefCell<BTreeMap<usize, usize>>,
    woken: RefCell<BTreeSet<usize>>,
}

impl Parking {
    pub(crate) fn new(threads: usize) -> Parking {
        Parking {
            lock: Mutex::new(()),
            guard: RefCell::new(None),
            conditions: (0..threads).map(|_| Condvar::new()).collect(),
            queue: RefCell::default(),
            threads: RefCell::default(),
            woken: RefCell::default(),
        }
    }

    pub(crate) fn lock(&'static self) {
        let guard = self.lock.lock().expect("not poisoned");
        *self.guard.borrow_mut() = Some(guard);
    }

    fn take_guard(&self) -> MutexGuard<'static, ()> {
        self.guard
            .borrow_mut()
            .take()
            .expect("the bucket is locked")
    }

    pub(crate) fn unlock(&self) {
        drop(self.take_guard());
    }

    pub(crate) fn wait(&'static self, place: usize, waiter: usize, thread: usize) {
        self.queue.borrow_mut().push_back((place, waiter));
        self.threads.borrow_mut().insert(waiter, thread);
        let mut guard = self.take_guard();
        while !self.woken.borrow_mut().remove(&waiter) {
            guard = self.conditions[thread].wait(guard).expect("not poisoned");
        }
        *self.guard.borrow_mut() = Some(guard);
    }

    /// The oldest waiter at a place, and whether there are others.
    pub(crate) fn take(&self, place: usize) -> (Option<usize>, bool) {
        let mut queue = self.queue.borrow_mut();
        let at = queue.iter().position(|(where_, _)| *where_ == place);
        let waiter = at.and_then(|at| queue.remove(at)).map(|(_, waiter)| waiter);
        let others = queue.iter().any(|(where_, _)| *where_ == place);
        (waiter, others)
    }

    pub(crate) fn wake(&self, waiter: usize) {
        self.woken.borrow_mut().insert(waiter);
        let thread = self.threads.borrow()[&waiter];
        self.conditions[thread].notify_one();
    }
}
