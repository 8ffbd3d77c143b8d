/* PyMutex: one byte, with CPython's two bits, since extensions inline the fast paths. */
#include "standin.h"
#include <pthread.h> /* where waiters park */

enum { UNLOCKED = 0, LOCKED = 1, HAS_PARKED = 2 };

/* One place to park for all mutexes: wrong wake-ups cost time only. */
static pthread_mutex_t parking = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t released = PTHREAD_COND_INITIALIZER;

static bool swap_bits(uint8_t *m, uint8_t expected, uint8_t desired)
{
    return __atomic_compare_exchange_n(m, &expected, desired, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST);
}

static void park_until_locked(uint8_t *m)
{
    pthread_mutex_lock(&parking);
    for (;;) {
        uint8_t bits = __atomic_load_n(m, __ATOMIC_SEQ_CST);
        if (!(bits & LOCKED)) {
            /* Others may be parked here too, so the bit stays: a needless wake-up is harmless. */
            if (swap_bits(m, bits, LOCKED | HAS_PARKED)) {
                break;
            }
        } else if ((bits & HAS_PARKED) || swap_bits(m, bits, bits | HAS_PARKED)) {
            pthread_cond_wait(&released, &parking);
        }
    }
    pthread_mutex_unlock(&parking);
}

void standin_mutex_lock(uint8_t *m)
{
    if (swap_bits(m, UNLOCKED, LOCKED)) {
        return;
    }
    PyThreadState *tstate = standin_tstate;
    if (tstate != NULL) {
        standin_detach();
    }
    park_until_locked(m);
    if (tstate != NULL) {
        standin_attach(tstate);
    }
}

void standin_mutex_unlock(uint8_t *m)
{
    if (swap_bits(m, LOCKED, UNLOCKED)) {
        return;
    }
    pthread_mutex_lock(&parking);
    uint8_t bits = __atomic_load_n(m, __ATOMIC_SEQ_CST);
    if (!(bits & LOCKED)) {
        _Py_FatalErrorFunc("PyMutex_Unlock", "unlocking mutex that is not locked");
    }
    __atomic_store_n(m, UNLOCKED, __ATOMIC_SEQ_CST);
    pthread_cond_broadcast(&released);
    pthread_mutex_unlock(&parking);
}

void PyMutex_Lock(uint8_t *m)
{
    standin_mutex_lock(m);
}

void PyMutex_Unlock(uint8_t *m)
{
    standin_mutex_unlock(m);
}

int PyMutex_IsLocked(uint8_t *m)
{
    return __atomic_load_n(m, __ATOMIC_SEQ_CST) & LOCKED;
}
