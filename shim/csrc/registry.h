/* SPDX-License-Identifier: 0BSD */
/* What the interpreters of a process share: a lock, and behind it the list of interpreters and the table
 * of views. It is held for a few instructions, never while anything of CPython's runs that could wait
 * or call back, so a thread may wait for it attached. */
#ifndef PYSHIM_CORE_REGISTRY_H
#define PYSHIM_CORE_REGISTRY_H

#include "core.h"
#include "parking.h"

/* What is known of an interpreter. It outlives the interpreter as long as somebody refers to it. All
 * but the first three is read and written under the lock of the registry. */
typedef struct pyshim_core_home {
    PyInterpreterState *interpreter; /* not to be used when it has ended */
    int64_t id;
    void *peer;          /* CPython's own view of it, from 3.15 on */
    size_t references;   /* of objects, views and guards to this */
    size_t guards;       /* that it waits for before it ends; not from 3.15 on */
    size_t open;         /* views of its objects that are open */
    int ended;           /* no more guards and views */
    PyObject *view_type; /* of objects that open views here; NULL before there is one */
    struct pyshim_core_home *next;
    uint8_t drained; /* the place where its end waits for guards */
} pyshim_core_home;

static pyshim_core_bucket *pyshim_core_registry_lock(void);
static void pyshim_core_registry_unlock(pyshim_core_bucket *bucket);

/* A guard on an interpreter that has not begun to end; whether there is one, and since which fork it
 * counts. */
static int pyshim_core_home_guard(pyshim_core_home *home, uintptr_t *epoch);
static void pyshim_core_home_unguard(pyshim_core_home *home, uintptr_t epoch);

static void pyshim_core_home_keep(pyshim_core_home *home);
static void pyshim_core_home_drop(pyshim_core_home *home);

#endif
