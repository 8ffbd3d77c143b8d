//! How much of what is looked at is in memory at once: no more than the largest module and a bit.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The bit.
const MORE: u64 = 8 << 20;

/// The largest buffer that is kept for the next module. Memory that was used before is not cleared
/// again, which otherwise takes as long as inflating.
const KEPT: usize = 4 << 20;
/// How many are kept.
const MOST_KEPT: usize = 2;

/// The bytes that are taken, by all threads.
pub(super) struct Budget {
    taken: Mutex<Taken>,
    given_back: Condvar,
}

struct Taken {
    now: u64,
    /// The most that one module has asked for.
    largest: u64,
    /// Buffers that were used before.
    kept: Vec<Vec<u8>>,
}

/// Some bytes of it, until this goes.
pub(super) struct Share<'a> {
    of: &'a Budget,
    bytes: u64,
    /// Where to put them.
    pub(super) buffer: Vec<u8>,
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

    /// Waits until there is room. One that is alone always gets what it asks for.
    pub(super) fn take(&self, bytes: u64) -> Share<'_> {
        let mut taken = self.lock();
        taken.largest = taken.largest.max(bytes);
        while taken.now > 0 && taken.now.saturating_add(bytes) > taken.largest.saturating_add(MORE)
        {
            let woken = self.given_back.wait(taken);
            taken = woken.unwrap_or_else(PoisonError::into_inner);
        }
        taken.now = taken.now.saturating_add(bytes);
        Share {
            of: self,
            bytes,
            buffer: taken.kept.pop().unwrap_or_default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        let mut taken = self.of.lock();
        taken.now = taken.now.saturating_sub(self.bytes);
        let mut buffer = std::mem::take(&mut self.buffer);
        if buffer.capacity() <= KEPT && taken.kept.len() < MOST_KEPT {
            buffer.clear();
            taken.kept.push(buffer);
        }
        self.of.given_back.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
    use std::thread;

    use super::Budget;

    #[test]
    fn no_more_is_taken_at_once_than_the_largest_and_a_bit() {
        let budget = Budget::of_all();
        let (now, most) = (AtomicU64::new(0), AtomicU64::new(0));
        thread::scope(|scope| {
            for size in [40_u64, 30, 20, 40, 10, 40, 30, 40] {
                let (now, most) = (&now, &most);
                scope.spawn(move || {
                    let _share = budget.take(size << 20);
                    most.fetch_max(now.fetch_add(size, SeqCst) + size, SeqCst);
                    thread::sleep(std::time::Duration::from_millis(5));
                    now.fetch_sub(size, SeqCst);
                });
            }
        });
        let most = most.load(SeqCst);
        assert!((40..=48).contains(&most), "{most} MB were taken at once");
    }
}
