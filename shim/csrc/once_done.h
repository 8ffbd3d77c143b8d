/* SPDX-License-Identifier: 0BSD */
/* The flag that says that something is initialised. Who sees it sees what came before it. */
#ifndef PYSHIM_CORE_ONCE_DONE_H
#define PYSHIM_CORE_ONCE_DONE_H

#include "atomics.h"
#include "orders.h"

static inline int pyshim_core_once_done(const uint8_t *done)
{
    return pyshim_atomic_load_u8(done, PYSHIM_ORDER_ONCE_DONE_GET) != 0;
}

static inline void pyshim_core_once_set_done(uint8_t *done)
{
    pyshim_atomic_store_u8(done, 1, PYSHIM_ORDER_ONCE_DONE_SET);
}

#endif
