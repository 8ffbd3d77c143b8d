/* SPDX-License-Identifier: 0BSD */
/* What the files of checked stack references share: a table of handles for each thread state, in
 * which only that thread writes. */
#ifndef PYSHIM_CORE_STACK_REF_H
#define PYSHIM_CORE_STACK_REF_H

#include "core.h" /* pyshim_stack_ref_report, PyObject */

#include <stddef.h> /* size_t */

/* A line of source, as entries keep it. */
typedef struct pyshim_core_stack_place {
    const char *file; /* NULL where there is none */
    uint32_t length;
    uint32_t line;
} pyshim_core_stack_place;

/* What became of an entry. */
enum {
    PYSHIM_STACK_OPEN,
    PYSHIM_STACK_CLOSED,
    PYSHIM_STACK_STOLEN,
    PYSHIM_STACK_LEFT /* a borrow whose frame was left */
};

/* One reference, or one that was: its places are kept until the entry is used again. Entries are
 * named by their index, for the array that they are in moves; none has the index 0. */
typedef struct pyshim_core_stack_entry {
    PyObject *object;
    uintptr_t owner; /* the handle that a borrow is from; 0 for what is no borrow of a handle */
    pyshim_core_stack_place created, borrowed, closed;
    uintptr_t generation;    /* how often the entry was used, as far as a handle has room for it */
    uint32_t borrows;        /* open ones of it */
    uint32_t next, previous; /* open: in its frame. Otherwise `next` is in the queue of free ones */
    uint32_t frame;          /* the index of its frame */
    unsigned char state;
    unsigned char is_borrow;
} pyshim_core_stack_entry;

/* One frame; the first is the thread itself. */
typedef struct pyshim_core_stack_frame {
    uintptr_t serial; /* what the caller's struct has */
    uint32_t first;   /* the entry that was made last */
    pyshim_core_stack_place pushed;
} pyshim_core_stack_frame;

/* The frame of what was reported as leaked, which therefore is not reported again. */
#define PYSHIM_STACK_NO_FRAME UINT32_MAX

typedef struct pyshim_core_stack_table {
    uintptr_t number; /* in every handle, so that those of another table are told apart */
    pyshim_core_stack_entry *entries;
    uint32_t used, room;                    /* of the entries; `used` counts the one at 0 */
    uint32_t free_first, free_last, n_free; /* those that are closed, the oldest first */
    pyshim_core_stack_frame *frames;
    uint32_t depth, frames_room; /* the index of the innermost frame */
    uintptr_t last_serial;
    pyshim_stack_ref_report *reports; /* kept ones; from `taken` to `n_reports` are left */
    size_t taken, n_reports, reports_room;
    int keeps_reports;
    long process; /* which has made it */
} pyshim_core_stack_table;

/* What somebody wants to do with a reference. */
typedef enum pyshim_core_stack_use {
    PYSHIM_STACK_USE,
    PYSHIM_STACK_BORROW,
    PYSHIM_STACK_CLOSE,
    PYSHIM_STACK_STEAL
} pyshim_core_stack_use;

/* How much is done about a mistake. */
typedef enum pyshim_core_stack_mode {
    PYSHIM_STACK_UNKNOWN,
    PYSHIM_STACK_OFF,
    PYSHIM_STACK_WARN,
    PYSHIM_STACK_FATAL
} pyshim_core_stack_mode;

/* What PYSHIM_STACK_REF_CHECKS in the environment says, which counts from the first call on. */
static pyshim_core_stack_mode pyshim_core_stack_checks(void);

/* The table of the attached thread state. Never fails. */
static pyshim_core_stack_table *pyshim_core_stack_table_get(void);

/* Prints a report, keeps it, or ends the process. */
static void pyshim_core_stack_complain(pyshim_core_stack_table *table, int kind,
                                       const pyshim_core_stack_entry *entry,
                                       const pyshim_core_stack_place *found);

#endif
