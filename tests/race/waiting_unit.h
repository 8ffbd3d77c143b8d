/* The mutex and its parking lot, and the once, in the translation unit that includes this. No CPython
 * is there, so the lock is our own. What a thread state would be is a number for each thread, that
 * says whether it is attached. */
#ifndef RACE_WAITING_UNIT_H
#define RACE_WAITING_UNIT_H

#include "host.h"

#include "atomics.h"
#include "orders.h"

#define PYSHIM_EARLY_UNKNOWN ((uintptr_t)0)
#define PYSHIM_EARLY_NONE ((uintptr_t)1)

static uintptr_t pyshim_core_early_find(const char *name)
{
    (void)name;
    return PYSHIM_EARLY_NONE;
}

/* How often the calling thread was detached. */
static __thread long race_detached;

static PyThreadState *pyshim_core_detach(void)
{
    race_detached++;
    return NULL;
}

static void pyshim_core_attach(PyThreadState *state)
{
    (void)state;
}

static int pyshim_core_once_refuse(void)
{
    race_fail("nobody asks for what it is initialising");
    return -1;
}

#include "parking.c"
#include "mutex.c"
#include "once.c"

#endif
