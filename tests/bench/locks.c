/* The loops over locks: pyshim's as an extension for the limited API has it, CPython's, and the one
 * of the C library. Threads of a measurement are attached; the last waits without regard for that,
 * so it is measured where there is no GIL. */
#define PYSHIM_FORCE_TABLE 1
#include "locks.h"

bench_locks bench_all_locks = {.plain = PTHREAD_MUTEX_INITIALIZER,
                               .plain_once = PTHREAD_ONCE_INIT};
volatile long bench_protected;

BENCH_LOOP(bench_table_mutex)
{
    long i;
    for (i = 0; i < n; i++) {
        pyshim_mutex_lock(&bench_all_locks.ours);
        bench_protected = bench_protected + 1;
        pyshim_mutex_unlock(&bench_all_locks.ours);
        bench_work(subject);
    }
}

BENCH_LOOP(bench_cpython_mutex)
{
    long i;
    for (i = 0; i < n; i++) {
        PyMutex_Lock(&bench_all_locks.cpython);
        bench_protected = bench_protected + 1;
        PyMutex_Unlock(&bench_all_locks.cpython);
        bench_work(subject);
    }
}

BENCH_LOOP(bench_plain_mutex)
{
    long i;
    for (i = 0; i < n; i++) {
        pthread_mutex_lock(&bench_all_locks.plain);
        bench_protected = bench_protected + 1;
        pthread_mutex_unlock(&bench_all_locks.plain);
        bench_work(subject);
    }
}

static int succeed(void *unused)
{
    (void)unused;
    return 0;
}

static void nothing(void)
{
}

BENCH_LOOP(bench_table_once)
{
    long i;
    (void)subject;
    for (i = 0; i < n; i++) {
        pyshim_once_call(&bench_all_locks.once, succeed, NULL);
    }
}

BENCH_LOOP(bench_plain_once)
{
    long i;
    (void)subject;
    for (i = 0; i < n; i++) {
        pthread_once(&bench_all_locks.plain_once, nothing);
    }
}
