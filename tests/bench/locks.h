/* Locks and onces, each on a cache line of its own. All threads of a measurement use the same. */
#ifndef BENCH_LOCKS_H
#define BENCH_LOCKS_H

#include "bench.h"

#include <pthread.h> /* pthread_mutex_t, pthread_once_t */

#define BENCH_LINE __attribute__((aligned(128)))

typedef struct bench_locks {
    pyshim_mutex ours BENCH_LINE;
    PyMutex cpython BENCH_LINE;
    pthread_mutex_t plain BENCH_LINE;
    pyshim_once once BENCH_LINE;
    pthread_once_t plain_once BENCH_LINE;
} bench_locks;

extern PYSHIM_HIDDEN bench_locks bench_all_locks;

/* What a thread does while it has the lock; a number that only the lock protects. */
extern PYSHIM_HIDDEN volatile long bench_protected BENCH_LINE;

#endif
