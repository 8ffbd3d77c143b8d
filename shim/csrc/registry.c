/* SPDX-License-Identifier: 0BSD */
/* The lock, the list of interpreters, and the guards that keep one from ending.
 *
 * An interpreter that ends lets nobody in any more, and then waits until all who are in have left, in
 * atexit, where CPython lets threads attach still. The main one's end is the process's: from then on
 * nobody enters any interpreter, since CPython ends or stops whoever attaches. */

#include "registry.h"

#include <stdlib.h> /* calloc, free */
#include <string.h> /* memset */

static struct {
    uint8_t place; /* whose bucket has the lock */
    int process_ends;
    uintptr_t epoch; /* forks that led to this process, modulo something large */
    pyshim_core_home *homes;
} pyshim_core_registry;

#if defined(_WIN32)

static void pyshim_core_registry_ready(void)
{
}

#else

static void pyshim_core_registry_before_fork(void)
{
    pyshim_core_bucket_lock(&pyshim_core_registry.place);
}

static void pyshim_core_registry_in_parent(void)
{
    PYSHIM_CORE_UNLOCK(&pyshim_core_buckets[(uintptr_t)&pyshim_core_registry.place
                                            % PYSHIM_CORE_BUCKETS]
                            .lock);
}

/* The threads that held guards are not here, but for the one that forked: what that closes was taken in
 * an earlier epoch. The lock was made anew with the others. */
static void pyshim_core_registry_in_child(void)
{
    pyshim_core_home *home;
    pyshim_core_registry.epoch++;
    for (home = pyshim_core_registry.homes; home != NULL; home = home->next) {
        home->guards = 0;
    }
}

static void pyshim_core_registry_begin(void)
{
    pyshim_core_parking_ready(); /* its handler comes first in the child */
    pthread_atfork(pyshim_core_registry_before_fork, pyshim_core_registry_in_parent,
                   pyshim_core_registry_in_child);
}

static void pyshim_core_registry_ready(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, pyshim_core_registry_begin);
}

#endif

static pyshim_core_bucket *pyshim_core_registry_lock(void)
{
    pyshim_core_registry_ready();
    return pyshim_core_bucket_lock(&pyshim_core_registry.place);
}

static void pyshim_core_registry_unlock(pyshim_core_bucket *bucket)
{
    pyshim_core_bucket_unlock(bucket);
}

/* A home with one reference, which is in the list. NULL when there is no memory. */
static pyshim_core_home *pyshim_core_home_new(PyInterpreterState *interpreter, int64_t id)
{
    pyshim_core_home *home = (pyshim_core_home *)calloc(1, sizeof(*home));
    pyshim_core_bucket *bucket;
    if (home == NULL) {
        return NULL;
    }
    home->interpreter = interpreter;
    home->id = id;
    home->references = 1;
    bucket = pyshim_core_registry_lock();
    home->next = pyshim_core_registry.homes;
    pyshim_core_registry.homes = home;
    if (id == 0) {
        pyshim_core_registry.process_ends = 0; /* Python was initialised once more */
    }
    pyshim_core_registry_unlock(bucket);
    return home;
}

static void pyshim_core_home_keep_locked(pyshim_core_home *home)
{
    home->references++;
}

static void pyshim_core_home_keep(pyshim_core_home *home)
{
    pyshim_core_bucket *bucket = pyshim_core_registry_lock();
    pyshim_core_home_keep_locked(home);
    pyshim_core_registry_unlock(bucket);
}

static void pyshim_core_home_forget_peer(void *peer);

static void pyshim_core_home_drop(pyshim_core_home *home)
{
    pyshim_core_bucket *bucket = pyshim_core_registry_lock();
    pyshim_core_home **link = &pyshim_core_registry.homes;
    int last = --home->references == 0;
    if (last) {
        while (*link != home) {
            link = &(*link)->next;
        }
        *link = home->next;
    }
    pyshim_core_registry_unlock(bucket);
    if (last) {
        pyshim_core_home_forget_peer(home->peer);
        free(home);
    }
}

static int pyshim_core_home_guard(pyshim_core_home *home, uintptr_t *epoch)
{
    pyshim_core_bucket *bucket = pyshim_core_registry_lock();
    int stays = !home->ended && !pyshim_core_registry.process_ends;
    if (stays) {
        home->guards++;
        *epoch = pyshim_core_registry.epoch;
        pyshim_core_home_keep_locked(home);
    }
    pyshim_core_registry_unlock(bucket);
    return stays;
}

static void pyshim_core_home_unguard(pyshim_core_home *home, uintptr_t epoch)
{
    pyshim_core_bucket *bucket = pyshim_core_registry_lock();
    int more = epoch == pyshim_core_registry.epoch && --home->guards == 0;
    while (more) {
        pyshim_core_waiter *waiter = pyshim_core_bucket_take(bucket, &home->drained, &more);
        if (waiter != NULL) {
            pyshim_core_bucket_wake(waiter);
        }
    }
    pyshim_core_registry_unlock(bucket);
    pyshim_core_home_drop(home);
}

/* The first of those to be waited for that has guards: `home`, or any when the process ends. */
static pyshim_core_home *pyshim_core_guarded(pyshim_core_home *home)
{
    if (home->id != 0) {
        return home->guards > 0 ? home : NULL;
    }
    home = pyshim_core_registry.homes;
    while (home != NULL && home->guards == 0) {
        home = home->next;
    }
    return home;
}

/* Waits, detached, until nobody is in any more. The interpreter has `ended`, so nobody comes. */
static void pyshim_core_home_drain(pyshim_core_home *home)
{
    pyshim_core_bucket *bucket = pyshim_core_registry_lock();
    pyshim_core_home *guarded = pyshim_core_guarded(home);
    while (guarded != NULL) {
        pyshim_core_waiter waiter;
        memset(&waiter, 0, sizeof(waiter));
        waiter.place = &guarded->drained;
        pyshim_core_bucket_wait(bucket, &waiter);
        guarded = pyshim_core_guarded(home);
    }
    pyshim_core_registry_unlock(bucket);
}

static int pyshim_core_home_has_guards(pyshim_core_home *home)
{
    pyshim_core_bucket *bucket = pyshim_core_registry_lock();
    int has = pyshim_core_guarded(home) != NULL;
    pyshim_core_registry_unlock(bucket);
    return has;
}
