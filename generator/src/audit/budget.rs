//! How much of what is looked at is in memory at once: no more than the largest module and a bit.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::buffer::Buffer;
use super::inflate::{Memory, Needs, ONE_PIECE};

/// The bit: a module as it lies in its wheel, or other modules.
const MORE: u64 = ONE_PIECE;

/// The bytes that are taken, by all threads.
pub(super) struct Budget {
    taken: Mutex<Taken>,
    given_back: Condvar,
}

struct Taken {
    now: u64,
    /// The size of the largest module.
    largest: u64,
    /// Buffers that were used before, for the next module.
    kept: Vec<Buffer>,
}

/// Some bytes of it, until this goes.
pub(super) struct Share<'a> {
    of: &'a Budget,
    bytes: u64,
    /// Where to put them.
    pub(super) memory: Memory,
}

impl Budget {
    /// Of this process.
    pub(super) fn of_all() -> &'static Budget {
        static ALL: Budget = Budget::new();
        &ALL
    }

    const fn new() -> Budget {
        Budget {
            taken: Mutex::new(Taken {
                now: 0,
                largest: 0,
                kept: Vec::new(),
            }),
            given_back: Condvar::new(),
        }
    }

    /// Waits until there is room for a module. One that is alone always gets what it asks for.
    pub(super) fn take(&self, needs: Needs) -> Share<'_> {
        let Needs {
            size,
            unread,
            deflated,
        } = needs;
        let mut taken = self.lock();
        taken.largest = taken.largest.max(size);
        let kept = size.saturating_sub(unread.size());
        let bytes = kept.saturating_add(deflated);
        while taken.now > 0 && taken.now.saturating_add(bytes) > taken.most() {
            let woken = self.given_back.wait(taken);
            taken = woken.unwrap_or_else(PoisonError::into_inner);
        }
        let before = taken.now;
        let memory = Memory {
            whole: match unread.is_empty() {
                true => taken.buffer(size),
                false => taken.new_buffer(kept),
            },
            unread,
            deflated: taken.buffer(deflated),
        };
        taken.forget_some();
        Share {
            of: self,
            bytes: taken.now - before,
            memory,
        }
    }

    /// The size of the largest module so far.
    #[cfg(test)]
    pub(super) fn largest(&self) -> u64 {
        self.lock().largest
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    /// The most that may be in memory, with what is kept.
    fn most(&self) -> u64 {
        self.largest.saturating_add(MORE)
    }

    /// One that was used before, or a new one.
    fn buffer(&mut self, bytes: u64) -> Buffer {
        let buffer = self.kept_buffer(bytes);
        self.now = self.now.saturating_add(buffer.used_with(bytes));
        buffer
    }

    /// One that only so many bytes are put into.
    fn new_buffer(&mut self, bytes: u64) -> Buffer {
        self.now = self.now.saturating_add(bytes);
        Buffer::default()
    }

    /// Of those that are large enough and leave room the one of which the least is new, and then the smallest.
    fn kept_buffer(&mut self, bytes: u64) -> Buffer {
        if bytes == 0 {
            return Buffer::default();
        }
        let room = self.most().saturating_sub(self.now).max(bytes);
        let kept = self.kept.iter().enumerate().filter_map(|(index, buffer)| {
            let (new, used) = (buffer.new_of(bytes)?, buffer.used_with(bytes));
            (used <= room).then_some((new, used, index))
        });
        match kept.min() {
            Some((.., index)) => self.kept.swap_remove(index),
            None => Buffer::default(),
        }
    }

    /// Gives back to the system what there is no room for, the oldest first.
    fn forget_some(&mut self) {
        let mut kept: u64 = self.kept.iter().map(Buffer::used).sum();
        while self.now.saturating_add(kept) > self.most() && !self.kept.is_empty() {
            kept -= self.kept.remove(0).used();
        }
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        let mut taken = self.of.lock();
        taken.now = taken.now.saturating_sub(self.bytes);
        let memory = std::mem::take(&mut self.memory);
        taken.kept.extend([memory.deflated, memory.whole]);
        taken.kept.retain(|buffer| buffer.used() > 0);
        taken.forget_some();
        self.of.given_back.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
    use std::{iter, thread};

    use super::super::unread::Unread;
    use super::{Budget, Memory, Needs};

    #[test]
    fn no_more_is_taken_at_once_than_the_largest_and_a_bit() {
        let budget = Budget::of_all();
        let (now, most) = (AtomicU64::new(0), AtomicU64::new(0));
        thread::scope(|scope| {
            for size in [40_u64, 30, 20, 40, 10, 40, 30, 40] {
                let (now, most) = (&now, &most);
                scope.spawn(move || {
                    let _share = budget.take(Needs::of(size << 20));
                    most.fetch_max(now.fetch_add(size, SeqCst) + size, SeqCst);
                    thread::sleep(std::time::Duration::from_millis(5));
                    now.fetch_sub(size, SeqCst);
                });
            }
        });
        let most = most.load(SeqCst);
        assert!((40..=64).contains(&most), "{most} MB were taken at once");
    }

    #[test]
    fn what_was_left_out_is_not_counted_and_the_rest_is_used_again() {
        let mb = |count: u64| count << 20;
        let budget = Budget::new();
        let without_code = || {
            let mut share = budget.take(Needs {
                size: mb(40),
                unread: Unread::at(iter::once(mb(10)..mb(37)), mb(40)),
                deflated: 0,
            });
            let Memory { whole, unread, .. } = &mut share.memory;
            let bytes = whole.zeros(mb(40), unread).expect("there is memory");
            assert!(bytes.iter().all(|byte| *byte == 0));
            share
        };
        let share = without_code();
        assert_eq!(budget.lock().now, mb(13));
        drop(share);
        assert_eq!(budget.lock().now, 0);
        let mut share = budget.take(Needs::of(mb(15)));
        assert_eq!(share.memory.whole.new_of(mb(15)), Some(mb(5)));
        assert_eq!(budget.lock().now, mb(18));
        let bytes = share.memory.whole.room(mb(15)).expect("there is memory");
        bytes.fill(1);
        drop(share);
        without_code();
    }

    #[test]
    fn the_page_says_how_much_more() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/audit.md");
        let page = std::fs::read_to_string(page).expect("the page is there");
        let words = format!("the largest and {} MiB more", super::MORE >> 20);
        assert!(page.contains(&words), "docs/audit.md says: {words}");
    }
}
