/* SPDX-License-Identifier: 0BSD */
/* The mutex. What is quick is done here, on a byte with the bits of PyMutex. Who has to wait, or to
 * wake others, leaves it to PyMutex where that is known, and otherwise to the parking lot; which of
 * the two, the process decides and not the translation unit, so that all agree on one mutex. */

#include "mutex.h"
#include "mutex_byte.h"

/* Addresses of functions that take a `void *`. */
static uintptr_t pyshim_core_mutex_lock_slow = PYSHIM_EARLY_UNKNOWN;
static uintptr_t pyshim_core_mutex_unlock_slow = PYSHIM_EARLY_UNKNOWN;

typedef void (*pyshim_core_mutex_function)(void *);

static void pyshim_core_mutex_not_locked(void)
{
    Py_FatalError("pyshim_mutex_unlock: unlocking a mutex that is not locked");
}

/* Locks by waiting in the parking lot. A thread that was woken has to be quick, for whoever comes by
 * may lock as well; if it is not quick enough, the next one to unlock hands it the mutex. */
static void pyshim_core_mutex_lock_own(void *place)
{
    const uint8_t contended = PYSHIM_MUTEX_BITS_LOCKED | PYSHIM_MUTEX_BITS_PARKED;
    uint8_t *byte = (uint8_t *)place;
    pyshim_core_waiter waiter;
    waiter.place = byte;
    waiter.entitled = 0;
    for (;;) {
        uint8_t found = pyshim_core_mutex_look(byte);
        if (!(found & PYSHIM_MUTEX_BITS_LOCKED)) {
            if (pyshim_core_mutex_take(byte, &found)) {
                return;
            }
        } else if (found == contended || pyshim_core_mutex_announce(byte, found)) {
            PyThreadState *state = pyshim_core_detach();
            pyshim_core_bucket *bucket = pyshim_core_bucket_lock(byte);
            int handed_over = 0;
            if (pyshim_core_mutex_look(byte) == contended) {
                pyshim_core_bucket_wait(bucket, &waiter);
                handed_over = waiter.entitled;
                waiter.entitled = 1;
            }
            pyshim_core_bucket_unlock(bucket);
            pyshim_core_attach(state);
            if (handed_over) {
                return;
            }
        }
    }
}

/* Unlocks a mutex that threads wait for, and wakes the one that has waited longest. */
static void pyshim_core_mutex_unlock_own(void *place)
{
    uint8_t *byte = (uint8_t *)place;
    pyshim_core_bucket *bucket = pyshim_core_bucket_lock(byte);
    int more;
    pyshim_core_waiter *waiter = pyshim_core_bucket_take(bucket, byte, &more);
    uint8_t found = pyshim_core_mutex_look(byte);
    uint8_t after = more ? PYSHIM_MUTEX_BITS_PARKED : 0;
    if (waiter != NULL && waiter->entitled) {
        after |= PYSHIM_MUTEX_BITS_LOCKED;
    }
    /* A byte that says locked and parked is changed by nobody else. */
    if (!(found & PYSHIM_MUTEX_BITS_LOCKED) || !pyshim_core_mutex_leave(byte, &found, after)) {
        pyshim_core_mutex_not_locked();
    }
    if (waiter != NULL) {
        pyshim_core_bucket_wake(waiter);
    }
    pyshim_core_bucket_unlock(bucket);
}

/* Whether these lock and unlock a mutex of one byte, with the bits that were observed. Nobody waits
 * here, so it needs no thread state. */
static int pyshim_core_mutex_is_observed(uintptr_t lock, uintptr_t unlock)
{
    uint8_t scratch[3] = {0xA5, 0, 0x5A};
    uint8_t locked, unlocked;
    if (lock == PYSHIM_EARLY_NONE || unlock == PYSHIM_EARLY_NONE) {
        return 0;
    }
    ((pyshim_core_mutex_function)lock)(&scratch[1]);
    locked = scratch[1];
    ((pyshim_core_mutex_function)unlock)(&scratch[1]);
    unlocked = scratch[1];
    return locked == PYSHIM_MUTEX_BITS_LOCKED && unlocked == 0 && scratch[0] == 0xA5
           && scratch[2] == 0x5A;
}

/* Finds out whose lock it is; all threads find the same. */
static void pyshim_core_mutex_decide(void)
{
    uintptr_t lock = pyshim_core_early_find("PyMutex_Lock");
    uintptr_t unlock = pyshim_core_early_find("PyMutex_Unlock");
    if (!pyshim_core_mutex_is_observed(lock, unlock)) {
        lock = (uintptr_t)&pyshim_core_mutex_lock_own;
        unlock = (uintptr_t)&pyshim_core_mutex_unlock_own;
    }
    pyshim_atomic_store_word(&pyshim_core_mutex_unlock_slow, unlock, PYSHIM_ORDER_EARLY_SET);
    pyshim_atomic_store_word(&pyshim_core_mutex_lock_slow, lock, PYSHIM_ORDER_EARLY_SET);
}

static pyshim_core_mutex_function pyshim_core_mutex_slow(uintptr_t *word)
{
    uintptr_t function = pyshim_atomic_load_word(word, PYSHIM_ORDER_EARLY_GET);
    if (function == PYSHIM_EARLY_UNKNOWN) {
        pyshim_core_mutex_decide();
        function = pyshim_atomic_load_word(word, PYSHIM_ORDER_EARLY_GET);
    }
    return (pyshim_core_mutex_function)function;
}

static void pyshim_core_byte_lock(uint8_t *byte)
{
    uint8_t found = 0;
    if (!pyshim_core_mutex_take(byte, &found)) {
        pyshim_core_mutex_slow(&pyshim_core_mutex_lock_slow)(byte);
    }
}

static void pyshim_core_byte_unlock(uint8_t *byte)
{
    uint8_t found = PYSHIM_MUTEX_BITS_LOCKED;
    if (pyshim_core_mutex_leave(byte, &found, 0)) {
        return;
    }
    if (!(found & PYSHIM_MUTEX_BITS_LOCKED)) {
        pyshim_core_mutex_not_locked();
    }
    pyshim_core_mutex_slow(&pyshim_core_mutex_unlock_slow)(byte);
}

void pyshim_core_mutex_lock(pyshim_mutex *mutex)
{
    pyshim_core_byte_lock(&mutex->bits);
}

int pyshim_core_mutex_try_lock(pyshim_mutex *mutex)
{
    return pyshim_core_mutex_try(&mutex->bits);
}

void pyshim_core_mutex_unlock(pyshim_mutex *mutex)
{
    pyshim_core_byte_unlock(&mutex->bits);
}

int pyshim_core_mutex_is_locked(pyshim_mutex *mutex)
{
    return (pyshim_core_mutex_look(&mutex->bits) & PYSHIM_MUTEX_BITS_LOCKED) != 0;
}

/* What table mode calls. */

void pyshim_mutex_lock(pyshim_mutex *mutex)
{
    pyshim_core_mutex_lock(mutex);
}

int pyshim_mutex_try_lock(pyshim_mutex *mutex)
{
    return pyshim_core_mutex_try_lock(mutex);
}

void pyshim_mutex_unlock(pyshim_mutex *mutex)
{
    pyshim_core_mutex_unlock(mutex);
}

int pyshim_mutex_is_locked(pyshim_mutex *mutex)
{
    return pyshim_core_mutex_is_locked(mutex);
}

const char *pyshim_mutex_scheme(void)
{
    pyshim_core_mutex_function lock = pyshim_core_mutex_slow(&pyshim_core_mutex_lock_slow);
    return lock == &pyshim_core_mutex_lock_own ? "pyshim" : "PyMutex";
}
