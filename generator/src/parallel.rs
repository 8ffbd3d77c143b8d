//! The same for many things, on as many threads as there are processors.

use std::cmp::Reverse;
use std::sync::Mutex;
use std::thread;

/// The same for two things.
pub(crate) fn both<T: Sync, R: Send>(items: [T; 2], run: impl Fn(&T) -> R + Sync) -> [R; 2] {
    let [first, second] = &items;
    let (first, second) = at_once(|| run(first), || run(second));
    [first, second]
}

/// Two things.
pub(crate) fn at_once<A, B: Send>(
    first: impl FnOnce() -> A,
    second: impl FnOnce() -> B + Send,
) -> (A, B) {
    thread::scope(|scope| {
        let second = scope.spawn(second);
        let first = first();
        let second = second.join();
        (
            first,
            second.unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
        )
    })
}

/// The same as [`map`], begun with what takes longest, so that no thread is alone with it in the end.
pub(crate) fn map_largest_first<'a, T: Sync, R: Send>(
    items: &'a [T],
    size: impl Fn(&T) -> u64,
    run: impl Fn(&'a T) -> R + Sync,
) -> Vec<R> {
    let mut sorted = Vec::from_iter(items.iter().enumerate());
    sorted.sort_by_cached_key(|(_, item)| Reverse(size(item)));
    let done = map(&sorted, |(_, item)| run(item));
    let mut done = Vec::from_iter(sorted.iter().map(|(index, _)| *index).zip(done));
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Keeps the order. One thing takes no thread.
pub(crate) fn map<'a, T: Sync, R: Send>(items: &'a [T], run: impl Fn(&'a T) -> R + Sync) -> Vec<R> {
    let next = Mutex::new(items.iter().enumerate());
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let work = || {
        let mut done = Vec::new();
        loop {
            let taken = next
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .next();
            match taken {
                Some((index, item)) => done.push((index, run(item))),
                None => return done,
            }
        }
    };
    if let [only] = items {
        return vec![run(only)];
    }
    let mut results: Vec<(usize, R)> = thread::scope(|scope| {
        // This thread is one of them, and has begun before the others are there.
        let others: Vec<_> = (1..threads.min(items.len()))
            .map(|_| scope.spawn(work))
            .collect();
        let mut results = work();
        for done in others.into_iter().map(thread::ScopedJoinHandle::join) {
            results.extend(done.unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        results
    });
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}
