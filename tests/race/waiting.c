/* Threads lock a few mutexes, by waiting and by trying, and initialise things once. What a mutex
 * protects is not atomic, so that a sanitizer sees whether it does. `waiting MILLISECONDS`. */

#include "waiting_unit.h"

#include <pthread.h>
#include <sched.h>  /* sched_yield */
#include <stdio.h>  /* printf */
#include <stdlib.h> /* strtol */
#include <time.h>   /* nanosleep */

enum { THREADS = 4, MUTEXES = 2, ONCES = 64 };

static pyshim_mutex mutexes[MUTEXES];
static long counts[MUTEXES], shadows[MUTEXES];

static pyshim_once onces[ONCES];
static long initialised[ONCES];

static int stop;

/* CPython's, as far as these files call it. */
void Py_FatalError(const char *message)
{
    race_fail(message);
}

unsigned long PyThread_get_thread_ident(void)
{
    return (unsigned long)pthread_self();
}

static void count(int i)
{
    counts[i]++;
    shadows[i]++;
    if (counts[i] != shadows[i]) {
        race_fail("two threads were in");
    }
}

/* Three quarters lock, and the rest try. Whether it counted. */
static int step(uint64_t draw)
{
    int i = (int)((draw >> 8) % MUTEXES);
    if (draw % 4 != 0) {
        pyshim_mutex_lock(&mutexes[i]);
    } else if (!pyshim_mutex_try_lock(&mutexes[i])) {
        return 0;
    }
    if (!pyshim_mutex_is_locked(&mutexes[i])) {
        race_fail("it is not locked");
    }
    count(i);
    if (draw % 64 == 1) {
        sched_yield(); /* so that others have to wait */
    }
    pyshim_mutex_unlock(&mutexes[i]);
    return 1;
}

/* Every other attempt fails, and the next one tries again. */
static void initialise(int i, uint64_t draw)
{
    if (pyshim_once_begin(&onces[i]) == 1) {
        int succeeded = draw % 2 == 0;
        initialised[i] += succeeded;
        sched_yield();
        pyshim_once_end(&onces[i], succeeded);
    }
    if (pyshim_once_is_done(&onces[i]) && initialised[i] != 1) {
        race_fail("it was not initialised once");
    }
}

static void *work(void *argument)
{
    uint64_t random = (uint64_t)(uintptr_t)argument * 0x9E3779B97F4A7C15u;
    unsigned long steps = 0;
    int i;
    for (i = 0; i < ONCES; i++) {
        initialise(i, race_random(&random));
    }
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
        steps += (unsigned long)step(race_random(&random));
    }
    if (race_detached == 0) {
        race_fail("a thread never waited");
    }
    return (void *)steps;
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    unsigned long steps = 0;
    long total = 0, milliseconds = argc == 2 ? strtol(argv[1], NULL, 10) : 0;
    struct timespec time;
    int i;
    for (i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, work, (void *)(uintptr_t)(i + 1));
    }
    time.tv_sec = milliseconds / 1000;
    time.tv_nsec = milliseconds % 1000 * 1000000;
    nanosleep(&time, NULL);
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    for (i = 0; i < THREADS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        steps += (unsigned long)(uintptr_t)result;
    }
    for (i = 0; i < MUTEXES; i++) {
        total += counts[i];
        if (mutexes[i].bits != 0) {
            race_fail("a mutex is still locked, or somebody waits");
        }
    }
    if ((unsigned long)total != steps) {
        race_fail("a count was lost");
    }
    printf("%lu steps\n", steps);
    return 0;
}
