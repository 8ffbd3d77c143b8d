/* SPDX-License-Identifier: 0BSD */
/* A parking lot: buckets of waiting threads, found by the address that they wait at. Nobody spins;
 * who waits is woken by name.
 *
 * A process that forks takes one thread along. In the child, the buckets forget all waiters, which
 * are not there, and their locks are made anew. */

#include "parking.h"

/* As many as make it unlikely that busy mutexes meet; a prime, since addresses are aligned. */
#define PYSHIM_CORE_BUCKETS 61

static pyshim_core_bucket pyshim_core_buckets[PYSHIM_CORE_BUCKETS];

#if defined(_WIN32)

/* Zero is an initialised SRWLOCK, and no process forks. */
static void pyshim_core_parking_ready(void)
{
}

#define PYSHIM_CORE_LOCK(lock) AcquireSRWLockExclusive(lock)
#define PYSHIM_CORE_UNLOCK(lock) ReleaseSRWLockExclusive(lock)
#define PYSHIM_CORE_CONDITION_INIT(condition) InitializeConditionVariable(condition)
#define PYSHIM_CORE_CONDITION_DESTROY(condition) ((void)(condition))
#define PYSHIM_CORE_CONDITION_WAIT(condition, lock)                                                \
    SleepConditionVariableSRW(condition, lock, INFINITE, 0)
#define PYSHIM_CORE_CONDITION_WAKE(condition) WakeConditionVariable(condition)

#else

static void pyshim_core_parking_reset(void)
{
    size_t i;
    for (i = 0; i < PYSHIM_CORE_BUCKETS; i++) {
        pthread_mutex_init(&pyshim_core_buckets[i].lock, NULL);
        pyshim_core_buckets[i].first = NULL;
    }
}

static void pyshim_core_parking_begin(void)
{
    pyshim_core_parking_reset();
    pthread_atfork(NULL, NULL, pyshim_core_parking_reset);
}

static void pyshim_core_parking_ready(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, pyshim_core_parking_begin);
}

#define PYSHIM_CORE_LOCK(lock) pthread_mutex_lock(lock)
#define PYSHIM_CORE_UNLOCK(lock) pthread_mutex_unlock(lock)
#define PYSHIM_CORE_CONDITION_INIT(condition) pthread_cond_init(condition, NULL)
#define PYSHIM_CORE_CONDITION_DESTROY(condition) pthread_cond_destroy(condition)
#define PYSHIM_CORE_CONDITION_WAIT(condition, lock) pthread_cond_wait(condition, lock)
#define PYSHIM_CORE_CONDITION_WAKE(condition) pthread_cond_signal(condition)

#endif

static pyshim_core_bucket *pyshim_core_bucket_lock(const uint8_t *place)
{
    pyshim_core_bucket *bucket = &pyshim_core_buckets[(uintptr_t)place % PYSHIM_CORE_BUCKETS];
    pyshim_core_parking_ready();
    PYSHIM_CORE_LOCK(&bucket->lock);
    return bucket;
}

static void pyshim_core_bucket_unlock(pyshim_core_bucket *bucket)
{
    PYSHIM_CORE_UNLOCK(&bucket->lock);
}

static void pyshim_core_bucket_wait(pyshim_core_bucket *bucket, pyshim_core_waiter *waiter)
{
    pyshim_core_waiter **end = &bucket->first;
    PYSHIM_CORE_CONDITION_INIT(&waiter->condition);
    waiter->woken = 0;
    waiter->next = NULL;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = waiter;
    while (!waiter->woken) {
        PYSHIM_CORE_CONDITION_WAIT(&waiter->condition, &bucket->lock);
    }
    PYSHIM_CORE_CONDITION_DESTROY(&waiter->condition);
}

static pyshim_core_waiter *pyshim_core_bucket_take(pyshim_core_bucket *bucket,
                                                   const uint8_t *place, int *more)
{
    pyshim_core_waiter **link = &bucket->first;
    pyshim_core_waiter *found, *other;
    while (*link != NULL && (*link)->place != place) {
        link = &(*link)->next;
    }
    found = *link;
    *more = 0;
    if (found == NULL) {
        return NULL;
    }
    *link = found->next;
    for (other = *link; other != NULL && !*more; other = other->next) {
        *more = other->place == place;
    }
    return found;
}

static void pyshim_core_bucket_wake(pyshim_core_waiter *waiter)
{
    waiter->woken = 1;
    PYSHIM_CORE_CONDITION_WAKE(&waiter->condition);
}
