//! The border: the C core's functions, and the functions that it calls.

use std::sync::atomic::Ordering;

use crate::object::Obj;
use crate::site;
use crate::world::{Atom, world};

// SAFETY: csrc/model.c and the files that it includes define these, with these types; none keeps a
// pointer, and all that they dereference are addresses that `World` registered.
unsafe extern "C-unwind" {
    safe fn pyshim_model_first_block() -> usize;
    safe fn pyshim_model_block_size() -> usize;
    safe fn pyshim_model_block_used(block: usize) -> usize;
    safe fn pyshim_model_block_next(block: usize) -> usize;
    safe fn pyshim_model_slot_count() -> usize;
    safe fn pyshim_model_block_slot(block: usize, slot: usize) -> usize;
    safe fn pyshim_model_home(thread_id: usize) -> usize;
    safe fn pyshim_model_ob_tid(object: usize) -> usize;
    safe fn pyshim_model_ob_ref_local(object: usize) -> usize;
    safe fn pyshim_model_ob_ref_shared(object: usize) -> usize;
    safe fn pyshim_model_table_place() -> usize;
    safe fn pyshim_model_stubs() -> usize;
    safe fn pyshim_model_publish(table: usize) -> usize;
    safe fn pyshim_model_slots_current(place: usize) -> usize;
    safe fn pyshim_model_slots_publish(place: usize, found: usize, fresh: usize) -> usize;
    safe fn pyshim_model_slow_word(unlock: i32) -> usize;
    safe fn pyshim_model_slow_function(unlock: i32) -> usize;
    safe fn pyshim_model_mutex_lock(byte: usize);
    safe fn pyshim_model_mutex_unlock(byte: usize);
    safe fn pyshim_model_once_done_of(once: usize) -> usize;
    safe fn pyshim_model_once_lock_of(once: usize) -> usize;
    safe fn pyshim_model_once_owner_of(once: usize) -> usize;
    safe fn pyshim_once_begin(once: usize) -> i32;
    safe fn pyshim_once_end(once: usize, succeeded: i32);
    safe fn pyshim_once_is_done(once: usize) -> i32;
    safe fn pyshim_model_mutex_try(byte: usize) -> i32;
    safe fn pyshim_model_mutex_leave(byte: usize) -> i32;
    safe fn pyshim_model_once_done(done: usize) -> i32;
    safe fn pyshim_model_once_set_done(done: usize);
    safe fn pyshim_core_try_incref_ft(object: usize) -> i32;
    safe fn pyshim_core_enable_try_incref_ft(object: usize);
    safe fn pyshim_core_atomic_ref_load_ft(cell: usize) -> usize;
    safe fn pyshim_core_atomic_ref_store_ft(cell: usize, value: usize);
    safe fn pyshim_core_atomic_ref_swap_ft(cell: usize, value: usize) -> usize;
    safe fn pyshim_core_atomic_ref_compare_exchange_ft(
        cell: usize,
        expected: usize,
        desired: usize,
    ) -> i32;
}

/// A `pyshim_atomic_ref` by its address.
#[derive(Clone, Copy, Debug)]
pub struct AtomicRef(pub(crate) usize);

fn address(object: Option<Obj>) -> usize {
    object.map_or(0, |object| object.0)
}

fn object(address: usize) -> Option<Obj> {
    (address != 0).then_some(Obj(address))
}

impl AtomicRef {
    /// `pyshim_core_atomic_ref_load_ft`.
    pub fn load(self) -> Option<Obj> {
        object(pyshim_core_atomic_ref_load_ft(self.0))
    }

    /// `pyshim_core_atomic_ref_store_ft`.
    pub fn store(self, value: Option<Obj>) {
        pyshim_core_atomic_ref_store_ft(self.0, address(value));
    }

    /// `pyshim_core_atomic_ref_swap_ft`.
    pub fn swap(self, value: Option<Obj>) -> Option<Obj> {
        object(pyshim_core_atomic_ref_swap_ft(self.0, address(value)))
    }

    /// `pyshim_core_atomic_ref_compare_exchange_ft`.
    pub fn compare_exchange(self, expected: Option<Obj>, desired: Option<Obj>) -> bool {
        pyshim_core_atomic_ref_compare_exchange_ft(self.0, address(expected), address(desired)) == 1
    }
}

pub(crate) fn try_incref(object: usize) -> bool {
    pyshim_core_try_incref_ft(object) == 1
}

pub(crate) fn enable_try_incref(object: usize) {
    pyshim_core_enable_try_incref_ft(object);
}

/// `pyshim_core_publish`: the table in use afterwards.
pub fn publish_table(table: usize) -> usize {
    pyshim_model_publish(table)
}

/// `pyshim_core_slots_current`.
pub fn slots_current(place: usize) -> usize {
    pyshim_model_slots_current(place)
}

/// `pyshim_core_slots_publish`: what the place names afterwards.
pub fn slots_publish(place: usize, found: usize, fresh: usize) -> usize {
    pyshim_model_slots_publish(place, found, fresh)
}

/// The two words that say whose lock it is, each with what it says once that is known.
pub(crate) fn slow_words() -> [(usize, usize); 2] {
    [0, 1].map(|unlock| {
        (
            pyshim_model_slow_word(unlock),
            pyshim_model_slow_function(unlock),
        )
    })
}

/// `pyshim_core_byte_lock`, which may wait.
pub fn mutex_lock(byte: usize) {
    pyshim_model_mutex_lock(byte);
}

/// `pyshim_core_byte_unlock`, which may wake another.
pub fn mutex_unlock(byte: usize) {
    pyshim_model_mutex_unlock(byte);
}

/// A `pyshim_once` by its address.
#[derive(Clone, Copy, Debug)]
pub struct Once(pub(crate) usize);

impl Once {
    /// What of it is atomic.
    pub(crate) fn atoms(self) -> [usize; 3] {
        [
            pyshim_model_once_done_of(self.0),
            pyshim_model_once_lock_of(self.0),
            pyshim_model_once_owner_of(self.0),
        ]
    }

    /// `pyshim_once_begin`: whether the caller is to initialise; none where it does already.
    pub fn begin(self) -> Option<bool> {
        match pyshim_once_begin(self.0) {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    /// `pyshim_once_end`.
    pub fn end(self, succeeded: bool) {
        pyshim_once_end(self.0, i32::from(succeeded));
    }

    /// `pyshim_once_is_done`.
    pub fn is_done(self) -> bool {
        pyshim_once_is_done(self.0) == 1
    }
}

/// `pyshim_core_mutex_try`.
pub fn mutex_try(byte: usize) -> bool {
    pyshim_model_mutex_try(byte) == 1
}

/// `pyshim_core_mutex_leave` of a mutex that is locked and that nobody waits for.
pub fn mutex_leave(byte: usize) -> bool {
    pyshim_model_mutex_leave(byte) == 1
}

/// `pyshim_core_once_done`.
pub fn once_done(done: usize) -> bool {
    pyshim_model_once_done(done) == 1
}

/// `pyshim_core_once_set_done`.
pub fn once_set_done(done: usize) {
    pyshim_model_once_set_done(done);
}

/// `pyshim_table_get`, which a header has in C and not through the atomics of the core. Its order is
/// weakened under ThreadSanitizer instead.
pub fn table() -> usize {
    world().atomic(table_place()).load(Ordering::Acquire)
}

/// Where the pointer to the table in use is.
pub(crate) fn table_place() -> usize {
    pyshim_model_table_place()
}

/// The table before publication.
pub fn stubs() -> usize {
    pyshim_model_stubs()
}

pub(crate) fn first_block() -> usize {
    pyshim_model_first_block()
}

pub(crate) fn block_size() -> usize {
    pyshim_model_block_size()
}

pub(crate) fn block_used(block: usize) -> usize {
    pyshim_model_block_used(block)
}

pub(crate) fn block_next(block: usize) -> usize {
    pyshim_model_block_next(block)
}

pub(crate) fn slot_count() -> usize {
    pyshim_model_slot_count()
}

pub(crate) fn block_slot(block: usize, slot: usize) -> usize {
    pyshim_model_block_slot(block, slot)
}

/// Addresses of the fields of the biased reference count.
pub(crate) struct Fields {
    pub(crate) tid: usize,
    pub(crate) local: usize,
    pub(crate) shared: usize,
}

pub(crate) fn fields(object: usize) -> Fields {
    Fields {
        tid: pyshim_model_ob_tid(object),
        local: pyshim_model_ob_ref_local(object),
        shared: pyshim_model_ob_ref_shared(object),
    }
}

/// An id for the main thread and one for each thread of `homes`, whose search begins there. Ids are
/// no small numbers, since 0 owns nothing and 1 is no thread's.
pub(crate) fn thread_ids(homes: &[usize]) -> Vec<usize> {
    let mut candidates = (1..).map(|n| n * 0x1000_usize);
    let mut ids = Vec::new();
    for home in [0].iter().chain(homes) {
        ids.extend(
            candidates
                .by_ref()
                .find(|id| pyshim_model_home(*id) == *home),
        );
    }
    ids
}

fn order(site: i32) -> Ordering {
    site::order(usize::try_from(site).expect("sites are numbered from 0"))
}

// SAFETY: the core alone calls these, under names that are its own.
#[unsafe(no_mangle)]
extern "C-unwind" fn pyshim_model_load(at: usize, site: i32) -> usize {
    match world().atom(at) {
        Atom::Shared(atomic) => atomic.load(order(site)),
        Atom::Owners(cell) => cell.get(),
    }
}

// SAFETY: as above.
#[unsafe(no_mangle)]
extern "C-unwind" fn pyshim_model_store(at: usize, value: usize, site: i32) {
    match world().atom(at) {
        Atom::Shared(atomic) => atomic.store(value, order(site)),
        Atom::Owners(cell) => cell.set(value),
    }
}

// SAFETY: as above.
#[unsafe(no_mangle)]
extern "C-unwind" fn pyshim_model_exchange(at: usize, value: usize, site: i32) -> usize {
    world().atomic(at).swap(value, order(site))
}

// SAFETY: as above; `expected` points to a local variable of the caller.
#[unsafe(no_mangle)]
extern "C-unwind" fn pyshim_model_compare_exchange(
    at: usize,
    expected: &mut usize,
    desired: usize,
    success: i32,
    failure: i32,
) -> i32 {
    let atomic = world().atomic(at);
    match atomic.compare_exchange(*expected, desired, order(success), order(failure)) {
        Ok(_) => 1,
        Err(found) => {
            *expected = found;
            0
        }
    }
}

// SAFETY: as above.
#[unsafe(no_mangle)]
extern "C-unwind" fn pyshim_model_fetch_or(at: usize, bits: usize, site: i32) -> usize {
    world().atomic(at).fetch_or(bits, order(site))
}

// SAFETY: as above.
#[unsafe(no_mangle)]
extern "C-unwind" fn pyshim_model_fence(site: i32) {
    loom::sync::atomic::fence(order(site));
}

// SAFETY: as above.
#[unsafe(no_mangle)]
extern "C-unwind" fn pyshim_model_thread_id() -> usize {
    world().thread_id()
}

// SAFETY: as above; a block of the pool is as large as the core asks, and zero in loom's eyes.
#[unsafe(no_mangle)]
extern "C-unwind" fn pyshim_model_calloc(_count: usize, size: usize) -> usize {
    assert_eq!(size, block_size(), "only blocks are allocated");
    world().allocate_block()
}

// SAFETY: as above. A block that lost the race is not handed out again.
#[unsafe(no_mangle)]
extern "C-unwind" fn pyshim_model_free(_block: usize) {}

// SAFETY: the core alone calls this: no Python is linked.
#[unsafe(no_mangle)]
extern "C-unwind" fn Py_IncRef(address: usize) {
    if let Some(object) = object(address) {
        object.incref();
    }
}

// SAFETY: as above.
#[unsafe(no_mangle)]
extern "C-unwind" fn Py_DecRef(address: usize) {
    if let Some(object) = object(address) {
        object.decref();
    }
}

// SAFETY: as above; a waiter is on the stack of a thread that waits until it is woken.
#[unsafe(no_mangle)]
extern "C-unwind" fn pyshim_model_bucket_lock() {
    world().parking().lock();
}

// SAFETY: as above.
#[unsafe(no_mangle)]
extern "C-unwind" fn pyshim_model_bucket_unlock() {
    world().parking().unlock();
}

// SAFETY: as above.
#[unsafe(no_mangle)]
extern "C-unwind" fn pyshim_model_bucket_wait(place: usize, waiter: usize) {
    world().parking().wait(place, waiter, world().thread());
}

// SAFETY: as above.
#[unsafe(no_mangle)]
extern "C-unwind" fn pyshim_model_bucket_take(place: usize, more: &mut i32) -> usize {
    let (waiter, others) = world().parking().take(place);
    *more = i32::from(others);
    waiter.unwrap_or(0)
}

// SAFETY: as above.
#[unsafe(no_mangle)]
extern "C-unwind" fn pyshim_model_bucket_wake(waiter: usize) {
    world().parking().wake(waiter);
}

// SAFETY: as above.
#[unsafe(no_mangle)]
extern "C-unwind" fn PyThread_get_thread_ident() -> usize {
    world().thread_id()
}

// SAFETY: as above; the text is C's and static.
#[unsafe(no_mangle)]
extern "C-unwind" fn Py_FatalError(text: *const std::ffi::c_char) -> ! {
    // SAFETY: the core passes literals.
    let text = unsafe { std::ffi::CStr::from_ptr(text) };
    panic!("{}", text.to_string_lossy());
}
