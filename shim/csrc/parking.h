/* SPDX-License-Identifier: 0BSD */
/* Where threads wait that want a mutex which CPython does not wait for. */
#ifndef PYSHIM_CORE_PARKING_H
#define PYSHIM_CORE_PARKING_H

#if defined(_WIN32)
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h> /* SRWLOCK, CONDITION_VARIABLE */
typedef CONDITION_VARIABLE pyshim_core_condition;
typedef SRWLOCK pyshim_core_plain_lock;
#else
#include <pthread.h> /* pthread_mutex_t, pthread_cond_t */
typedef pthread_cond_t pyshim_core_condition;
typedef pthread_mutex_t pyshim_core_plain_lock;
#endif

#include <stdint.h> /* uint8_t */

/* A thread that waits, on its own stack: it comes back when it has been woken, which happens under
 * the lock of the bucket, so nobody touches this afterwards. */
typedef struct pyshim_core_waiter {
    const uint8_t *place;
    struct pyshim_core_waiter *next;
    int entitled; /* it was woken before and came too late, so it is to be handed the mutex */
    int woken;
    pyshim_core_condition condition;
} pyshim_core_waiter;

/* The threads that wait at places which share a bucket, oldest first. */
typedef struct pyshim_core_bucket {
    pyshim_core_plain_lock lock;
    pyshim_core_waiter *first;
} pyshim_core_bucket;

/* Locks the bucket of a place. Its lock is held for a few instructions and never while attaching, so
 * a thread may wait for it attached. */
static pyshim_core_bucket *pyshim_core_bucket_lock(const uint8_t *place);
static void pyshim_core_bucket_unlock(pyshim_core_bucket *bucket);

/* Waits in a locked bucket until woken. */
static void pyshim_core_bucket_wait(pyshim_core_bucket *bucket, pyshim_core_waiter *waiter);

/* Takes the oldest waiter at a place out of a locked bucket, or NULL; says whether there are more. */
static pyshim_core_waiter *pyshim_core_bucket_take(pyshim_core_bucket *bucket,
                                                   const uint8_t *place, int *more);

/* Wakes a waiter that was taken out of a locked bucket. */
static void pyshim_core_bucket_wake(pyshim_core_waiter *waiter);

#endif
