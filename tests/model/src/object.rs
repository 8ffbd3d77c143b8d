//! The interpreter's objects, as far as reference counts go.
//!
//! Beside the count that is under test, each object knows the truth: how many references have been
//! taken and not dropped, in the order in which loom executes. So a count that is wrong shows as soon
//! as an object is freed too early, revived, or left over.

use std::cell::Cell;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};

use loom::cell::UnsafeCell;
use loom::sync::atomic::AtomicUsize;

use crate::core;
use crate::world::world;

/// How an object counts its references.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// One word for all threads, with the weakest orders that a reference count can have.
    Plain,
    /// Biased reference counting as free-threaded CPython does it, with the orders it uses.
    Biased {
        /// The number of the owning thread.
        owner: usize,
    },
}

enum Count {
    Plain(AtomicUsize),
    Biased { owner: usize },
}

pub(crate) struct Object {
    count: Count,
    alive: Cell<bool>,
    truth: Cell<isize>,
    /// Stands for all fields; loom demands that accesses to it are ordered.
    payload: UnsafeCell<usize>,
}

impl Object {
    pub(crate) fn new(kind: Kind) -> Self {
        Self {
            count: match kind {
                Kind::Plain => Count::Plain(AtomicUsize::new(1)),
                Kind::Biased { owner } => Count::Biased { owner },
            },
            alive: Cell::new(true),
            truth: Cell::new(1),
            payload: UnsafeCell::new(0),
        }
    }

    pub(crate) fn owner(&self) -> Option<usize> {
        match self.count {
            Count::Plain(_) => None,
            Count::Biased { owner } => Some(owner),
        }
    }

    pub(crate) fn expect_dead(&self, address: usize) {
        let truth = self.truth.get();
        assert!(
            !self.alive.get(),
            "object {address:#x} leaked; {truth} references exist"
        );
    }

    /// A reference was taken.
    fn taken(&self) {
        assert!(self.alive.get(), "a reference was taken to a freed object");
        self.truth.set(self.truth.get() + 1);
    }

    /// A reference was dropped.
    fn dropped(&self) {
        assert!(
            self.alive.get(),
            "a reference to a freed object was dropped"
        );
        self.truth.set(self.truth.get() - 1);
    }

    fn free(&self) {
        assert!(self.alive.replace(false), "freed twice");
        let truth = self.truth.get();
        assert_eq!(truth, 0, "freed while {truth} references exist");
        self.write();
    }

    fn write(&self) {
        self.payload.with_mut(|payload| {
            // SAFETY: loom panics unless this access is ordered with all others, and the object
            // lives as long as its world.
            unsafe { *payload += 1 }
        });
    }
}

/// The values of `ob_ref_shared`: a count shifted above two bits of state.
mod shared {
    pub(super) const MAYBE_WEAKREF: usize = 1;
    pub(super) const QUEUED: usize = 2;
    pub(super) const MERGED: usize = 3;
    pub(super) const FLAGS: usize = 3;
    pub(super) const ONE: usize = 4;
}

/// An object by its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Obj(pub usize);

impl Obj {
    /// `Py_IncRef`.
    pub fn incref(self) {
        let object = world().state(self);
        match &object.count {
            Count::Plain(count) => {
                count.fetch_add(1, Relaxed);
            }
            Count::Biased { .. } => self.incref_biased(),
        }
        object.taken();
    }

    /// `Py_DecRef`.
    pub fn decref(self) {
        let object = world().state(self);
        match &object.count {
            Count::Plain(count) => {
                let before = count.fetch_sub(1, AcqRel);
                object.dropped();
                if before == 1 {
                    object.free();
                }
            }
            Count::Biased { .. } => self.decref_biased(),
        }
    }

    /// `pyshim_core_try_incref_ft`.
    pub fn try_incref(self) -> bool {
        let taken = core::try_incref(self.0);
        if taken {
            world().state(self).taken();
        }
        taken
    }

    /// `pyshim_core_enable_try_incref_ft`.
    pub fn enable_try_incref(self) {
        core::enable_try_incref(self.0);
    }

    /// Reads the fields, as whoever has a reference may.
    pub fn read(self) {
        let object = world().state(self);
        assert!(object.alive.get(), "a freed object was read");
        object.payload.with(|_| ());
    }

    /// Writes the fields, as whoever has the only reference may.
    pub fn write(self) {
        world().state(self).write();
    }

    /// Makes a new object where this one was, with one reference, as a freelist does.
    pub fn renew(self) {
        let object = world().state(self);
        assert!(!object.alive.replace(true), "still alive");
        object.truth.set(1);
        object.write();
        match &object.count {
            Count::Plain(count) => count.store(1, Relaxed),
            Count::Biased { .. } => panic!("no model needs it"),
        }
    }

    /// Whether it has been freed.
    pub fn is_freed(self) -> bool {
        !world().state(self).alive.get()
    }

    fn is_mine(self) -> bool {
        world().owners(core::fields(self.0).tid).get() == world().thread_id()
    }

    fn incref_biased(self) {
        let fields = core::fields(self.0);
        if self.is_mine() {
            let local = world().owners(fields.local);
            local.set(local.get() + 1);
        } else {
            world().atomic(fields.shared).fetch_add(shared::ONE, AcqRel);
        }
    }

    fn decref_biased(self) {
        let object = world().state(self);
        if self.is_mine() {
            let local = world().owners(core::fields(self.0).local);
            local.set(local.get() - 1);
            object.dropped();
            if local.get() == 0 {
                self.merge_zero_local();
            }
        } else {
            self.decref_shared();
        }
    }

    /// `_Py_MergeZeroLocalRefcount`.
    fn merge_zero_local(self) {
        let fields = core::fields(self.0);
        let atomic = world().atomic(fields.shared);
        if atomic.load(Acquire) == 0 {
            world().state(self).free();
            return;
        }
        world().owners(fields.tid).set(0);
        let before = atomic.fetch_or(shared::MERGED, AcqRel);
        if before & !shared::FLAGS == 0 {
            world().state(self).free();
        }
    }

    /// `_Py_DecRefShared`.
    fn decref_shared(self) {
        let atomic = world().atomic(core::fields(self.0).shared);
        let mut queue = false;
        let after = update(atomic, |value| {
            queue = value == 0 || value == shared::MAYBE_WEAKREF;
            if queue {
                shared::QUEUED
            } else {
                value.wrapping_sub(shared::ONE)
            }
        });
        world().state(self).dropped();
        if queue {
            world().enqueue(self);
        } else if after == shared::MERGED {
            world().state(self).free();
        }
    }

    /// `_Py_ExplicitMergeRefcount`, with the reference that the queue held given up.
    pub(crate) fn merge(self) {
        let fields = core::fields(self.0);
        let local = world().owners(fields.local);
        let after = update(world().atomic(fields.shared), |value| {
            let count = (value as isize >> 2) + local.get() as isize - 1;
            (count << 2) as usize | shared::MERGED
        });
        local.set(0);
        world().owners(fields.tid).set(0);
        if after == shared::MERGED {
            world().state(self).free();
        }
    }
}

/// An atomic update by compare-exchange, as CPython's loops do it; the new value. A first guess that
/// is wrong costs a round, so it is what most callers find, and no load that loom would explore.
fn update(atomic: &AtomicUsize, mut next: impl FnMut(usize) -> usize) -> usize {
    let mut found = 0;
    loop {
        let after = next(found);
        match atomic.compare_exchange(found, after, AcqRel, Relaxed) {
            Ok(_) => return after,
            Err(now) => found = now,
        }
    }
}
