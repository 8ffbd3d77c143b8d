/* SPDX-License-Identifier: 0BSD */
/* Hazard slots: where a reader says which object it is about to take a reference to, and where a
 * writer that is about to drop the cell's reference leaves it one. The proof is in
 * docs/internals/atomic-reference.md. */
#ifndef PYSHIM_CORE_HAZARD_H
#define PYSHIM_CORE_HAZARD_H

#include "atomics.h"

#include <stddef.h> /* size_t */

/* Slots in a block: as many as the mask of used ones has bits. */
#ifndef PYSHIM_HAZARD_SLOTS
#if UINTPTR_MAX > 0xFFFFFFFFu
#define PYSHIM_HAZARD_SLOTS 64
#else
#define PYSHIM_HAZARD_SLOTS 32
#endif
#endif

/* Bytes from one slot to the next, so that no two readers write to one cache line. */
#if defined(__APPLE__) || defined(__powerpc64__)
#define PYSHIM_HAZARD_STRIDE 128
#else
#define PYSHIM_HAZARD_STRIDE 64
#endif

/* 0 when free, otherwise the address of the object that the holder is about to take, to which a
 * writer adds PYSHIM_HAZARD_GIFT_BIT when it hands over a reference. */
typedef struct pyshim_core_hazard_slot {
    uintptr_t value;
    char padding[PYSHIM_HAZARD_STRIDE - sizeof(uintptr_t)];
} pyshim_core_hazard_slot;

/* Objects are aligned to 4 at the least. */
#define PYSHIM_HAZARD_GIFT_BIT ((uintptr_t)1)

/* Blocks form a list that only grows: as long as the most threads that ever read at once need, and
 * one slot for each thread that a fork caught in the act. */
typedef struct pyshim_core_hazard_block {
    uintptr_t used; /* bit i is set for good before slot i is first claimed */
    void *next; /* a block, or NULL */
    char padding[PYSHIM_HAZARD_STRIDE - 2 * sizeof(uintptr_t)];
    pyshim_core_hazard_slot slots[PYSHIM_HAZARD_SLOTS];
} pyshim_core_hazard_block;

/* Where the search for a free slot begins, so that threads mostly have slots of their own. */
static size_t pyshim_core_hazard_home(uintptr_t thread_id);

/* Claims a slot for `object` and makes that known to every writer that replaces the object in a
 * cell later than the caller reads the cell next. Never fails. */
static uintptr_t *pyshim_core_hazard_claim(PyObject *object);

/* Frees the slot. 1 when a writer has left a reference, which is the caller's now. */
static int pyshim_core_hazard_release(uintptr_t *slot);

/* Gives a reference to each slot that is claimed for `object`. The caller owns one itself and has
 * just taken the object out of a cell by an exchange. */
static void pyshim_core_hazard_share(PyObject *object);

#endif
