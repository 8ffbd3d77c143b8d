/* SPDX-License-Identifier: 0BSD */
/* Publication of what is made in private and never written again. */
#ifndef PYSHIM_CORE_PUBLISH_H
#define PYSHIM_CORE_PUBLISH_H

#include "atomics.h"
#include "core.h" /* pyshim_table, pyshim_table_current */
#include "orders.h"

PYSHIM_ATOMIC_POINTER_SIZED_TYPE(table, const pyshim_table *)

static const pyshim_table pyshim_core_stubs; /* generated/dispatch.c */

/* Replaces the stubs by this table, once, and returns the table that is in use from now on, which is
 * another one when somebody was first. `pyshim_table_get` is the way to read either. */
static inline const pyshim_table *pyshim_core_publish(const pyshim_table *table)
{
    const pyshim_table *found = &pyshim_core_stubs;
    if (pyshim_atomic_compare_exchange_table(&pyshim_table_current, &found, table,
                                             PYSHIM_ORDER_TABLE_PUBLISH,
                                             PYSHIM_ORDER_TABLE_LOST)) {
        return table;
    }
    return found;
}

/* What a place names now; what it leads to may be read. */
static inline void *pyshim_core_slots_current(void *const *place)
{
    return pyshim_atomic_load_pointer(place, PYSHIM_ORDER_SLOTS_GET);
}

/* Replaces what the place named, and returns what it names now, which may be read and is not `fresh`
 * when somebody was first. */
static inline void *pyshim_core_slots_publish(void **place, void *found, void *fresh)
{
    if (pyshim_atomic_compare_exchange_pointer(place, &found, fresh, PYSHIM_ORDER_SLOTS_PUBLISH,
                                               PYSHIM_ORDER_SLOTS_LOST)) {
        return fresh;
    }
    return found;
}

#endif
