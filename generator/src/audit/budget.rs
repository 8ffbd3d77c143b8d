//! How much of what is looked at is in memory at once: no more than the largest module and a bit.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::inflate::{Buffer, Memory, Needs, ONE_PIECE};

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
        static ALL: Budget = Budget {
            taken: Mutex::new(Taken {
                now: 0,
                largest: 0,
                kept: Vec::new(),
            }),
            given_back: Condvar::new(),
        };
        &ALL
    }

    /// Waits until there is room for a module. One that is alone always gets what it asks for.
    pub(super) fn take(&self, needs: Needs) -> Share<'_> {
        let Needs {
            size,
            code,
            deflated,
        } = needs;
        let mut taken = self.lock();
        taken.largest = taken.largest.max(size);
        let kept = size.saturating_sub(code.size());
        let bytes = kept.saturating_add(deflated);
        while taken.now > 0 && taken.now.saturating_add(bytes) > taken.most() {
            let woken = self.given_back.wait(taken);
            taken = woken.unwrap_or_else(PoisonError::into_inner);
        }
        let before = taken.now;
        let memory = Memory {
            whole: match code.size() {
                0 => taken.buffer(size),
                _ => taken.new_buffer(kept),
            },
            code,
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

    /// Takes the smallest of the buffers that are large enough and leave room as they are, or a new one.
    fn buffer(&mut self, bytes: u64) -> Buffer {
        let buffer = self.kept_buffer(bytes);
        let bytes = bytes.max(buffer.size());
        self.now = self.now.saturating_add(bytes);
        buffer
    }

    /// One that only so many bytes are put into.
    fn new_buffer(&mut self, bytes: u64) -> Buffer {
        self.now = self.now.saturating_add(bytes);
        Buffer::default()
    }

    fn kept_buffer(&mut self, bytes: u64) -> Buffer {
        if bytes == 0 {
            return Buffer::default();
        }
        let room = self.most().saturating_sub(self.now);
        let fits = |buffer: &Buffer| (bytes..=room.max(bytes)).contains(&(buffer.size()));
        let kept = self
            .kept
            .iter()
            .enumerate()
            .filter(|(_, buffer)| fits(buffer));
        let best = kept.min_by_key(|(_, buffer)| buffer.size());
        match best.map(|(index, _)| index) {
            Some(index) => self.kept.swap_remove(index),
            None => Buffer::default(),
        }
    }

    /// Gives back to the system what there is no room for, the oldest first.
    fn forget_some(&mut self) {
        let mut kept: u64 = self.kept.iter().map(|buffer| buffer.size()).sum();
        while self.now.saturating_add(kept) > self.most() && !self.kept.is_empty() {
            kept -= self.kept.remove(0).size();
        }
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        let mut taken = self.of.lock();
        taken.now = taken.now.saturating_sub(self.bytes);
        let memory = std::mem::take(&mut self.memory);
        taken.kept.push(memory.deflated);
        // What was left out has to be zeros in the next one as well.
        if memory.code.size() == 0 {
            taken.kept.push(memory.whole);
        }
        taken.kept.retain(|buffer| buffer.size() > 0);
        taken.forget_some();
        self.of.given_back.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
    use std::thread;

    use super::{Budget, Needs};

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
    fn the_page_says_how_much_more() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/audit.md");
        let page = std::fs::read_to_string(page).expect("the page is there");
        let words = format!("the largest and {} MiB more", super::MORE >> 20);
        assert!(page.contains(&words), "docs/audit.md says: {words}");
    }
}
