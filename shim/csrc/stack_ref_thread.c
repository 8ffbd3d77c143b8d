/* SPDX-License-Identifier: 0BSD */
/* The table of each thread state. It is in the dict of the thread state, as a capsule, which CPython
 * drops when the thread state ends; the stable ABI has no other place that ends with it. */

#include "stack_ref.h"
#include "atomics.h"
#include "orders.h"

#include <stdlib.h> /* calloc, free */

#if defined(_WIN32)
#include <process.h> /* _getpid */
#define PYSHIM_STACK_PROCESS() ((long)_getpid())
#else
#include <unistd.h> /* getpid */
#define PYSHIM_STACK_PROCESS() ((long)getpid())
#endif

#if defined(_MSC_VER) && !defined(__clang__)
#define PYSHIM_STACK_THREAD_LOCAL __declspec(thread)
#else
#define PYSHIM_STACK_THREAD_LOCAL __thread
#endif

#define PYSHIM_STACK_CAPSULE "pyshim.stack_refs"

/* How often a table was made or freed, in any thread. */
static uintptr_t pyshim_core_stack_changes;

static uintptr_t pyshim_core_stack_change(void)
{
    uintptr_t found = pyshim_atomic_load_word(&pyshim_core_stack_changes,
                                              PYSHIM_ORDER_STACK_CHANGES_READ);
    while (!pyshim_atomic_compare_exchange_word(&pyshim_core_stack_changes, &found, found + 1,
                                                PYSHIM_ORDER_STACK_CHANGES_ADD,
                                                PYSHIM_ORDER_STACK_CHANGES_LOST)) {
    }
    return found + 1;
}

/* What the thread looked up last. A thread state at the address of an earlier one has another table,
 * and then there was a change in between. */
typedef struct pyshim_core_stack_last {
    struct _ts *state;
    uintptr_t changes;
    pyshim_core_stack_table *table;
} pyshim_core_stack_last;

static PYSHIM_STACK_THREAD_LOCAL pyshim_core_stack_last pyshim_core_stack_last_seen;

static pyshim_core_stack_table *pyshim_core_stack_table_new(void)
{
    static const pyshim_core_stack_place thread = {NULL, 0, 0};
    pyshim_core_stack_table *table =
        (pyshim_core_stack_table *)pyshim_core_stack_grown(NULL, 1, sizeof(*table));
    memset(table, 0, sizeof(*table));
    table->number = pyshim_core_stack_change();
    table->process = PYSHIM_STACK_PROCESS();
    table->room = 64;
    table->entries = (pyshim_core_stack_entry *)pyshim_core_stack_grown(NULL, table->room,
                                                                       sizeof(*table->entries));
    memset(table->entries, 0, sizeof(*table->entries));
    table->used = 1;
    table->frames_room = 8;
    table->frames = (pyshim_core_stack_frame *)pyshim_core_stack_grown(NULL, table->frames_room,
                                                                      sizeof(*table->frames));
    table->frames[0].serial = 0;
    table->frames[0].first = 0;
    table->frames[0].pushed = thread;
    return table;
}

static void pyshim_core_stack_table_free(pyshim_core_stack_table *table)
{
    pyshim_core_stack_change();
    free(table->entries);
    free(table->frames);
    free(table->reports);
    free(table);
}

/* In the child of a fork the thread states of the parent's other threads end, which have not left
 * their frames and have not had a chance to. */
static int pyshim_core_stack_is_forked(const pyshim_core_stack_table *table)
{
    return table->process != PYSHIM_STACK_PROCESS() && pyshim_core_stack_last_seen.table != table;
}

/* The thread state ends, and with it every frame. Nobody is left to take reports. */
static void pyshim_core_stack_thread_ends(PyObject *capsule)
{
    static const char end[] = "the end of its thread state";
    const pyshim_core_stack_place at = {end, sizeof(end) - 1, 0};
    pyshim_core_stack_table *table =
        (pyshim_core_stack_table *)PyCapsule_GetPointer(capsule, PYSHIM_STACK_CAPSULE);
    if (!pyshim_core_stack_is_forked(table)) {
        table->keeps_reports = 0;
        while (table->depth > 0) {
            pyshim_core_stack_hand_out(table);
        }
        pyshim_core_stack_leave(table, &at);
    }
    pyshim_core_stack_table_free(table);
}

/* The table in the dict, put there first where there is none. */
static pyshim_core_stack_table *pyshim_core_stack_table_in(PyObject *dict)
{
    /* Each extension has tables of its own. */
    PyObject *key = PyUnicode_FromFormat("pyshim.stack_refs.%p", &pyshim_core_stack_changes);
    PyObject *capsule = key != NULL ? PyDict_GetItemWithError(dict, key) : NULL;
    pyshim_core_stack_table *table = NULL;
    if (capsule != NULL) {
        table = (pyshim_core_stack_table *)PyCapsule_GetPointer(capsule, PYSHIM_STACK_CAPSULE);
    } else if (key != NULL && PyErr_Occurred() == NULL) {
        table = pyshim_core_stack_table_new();
        capsule = PyCapsule_New(table, PYSHIM_STACK_CAPSULE, pyshim_core_stack_thread_ends);
        if (capsule == NULL || PyDict_SetItem(dict, key, capsule) < 0) {
            table = NULL;
        }
        Py_DecRef(capsule);
    }
    Py_DecRef(key);
    return table;
}

static pyshim_core_stack_table *pyshim_core_stack_table_find(struct _ts *state)
{
    pyshim_core_stack_last *last = &pyshim_core_stack_last_seen;
    pyshim_core_pending earlier;
    PyObject *dict;
    pyshim_core_set_aside(&earlier);
    dict = PyThreadState_GetDict();
    last->table = dict != NULL ? pyshim_core_stack_table_in(dict) : NULL;
    PyErr_Restore(earlier.type, earlier.value, earlier.traceback);
    if (last->table == NULL) {
        Py_FatalError("pyshim: no memory left for checking stack references");
    }
    last->state = state;
    last->changes = pyshim_atomic_load_word(&pyshim_core_stack_changes,
                                            PYSHIM_ORDER_STACK_CHANGES_READ);
    return last->table;
}

static pyshim_core_stack_table *pyshim_core_stack_table_get(void)
{
    const pyshim_core_stack_last *last = &pyshim_core_stack_last_seen;
    struct _ts *state = PyThreadState_Get();
    if (last->state == state
        && last->changes
               == pyshim_atomic_load_word(&pyshim_core_stack_changes,
                                          PYSHIM_ORDER_STACK_CHANGES_READ)) {
        return last->table;
    }
    return pyshim_core_stack_table_find(state);
}
