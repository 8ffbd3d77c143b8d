/* SPDX-License-Identifier: 0BSD */
/* The byte of a mutex, and the two steps that order what it protects. The bits are those of PyMutex,
 * so these steps are right whoever does the waiting: CPython, where its lock was observed, or
 * parking.c. */
#ifndef PYSHIM_CORE_MUTEX_BYTE_H
#define PYSHIM_CORE_MUTEX_BYTE_H

#include "atomics.h"
#include "orders.h"

/* Locks, if the byte is `*found`, which has to be unlocked; otherwise says what the byte is. */
static inline int pyshim_core_mutex_take(uint8_t *byte, uint8_t *found)
{
    return pyshim_atomic_compare_exchange_u8(byte, found,
                                             (uint8_t)(*found | PYSHIM_MUTEX_BITS_LOCKED),
                                             PYSHIM_ORDER_MUTEX_TAKE,
                                             PYSHIM_ORDER_MUTEX_TAKE_LOST);
}

/* Unlocks, if the byte is `*found`, and leaves `after`; otherwise says what the byte is. */
static inline int pyshim_core_mutex_leave(uint8_t *byte, uint8_t *found, uint8_t after)
{
    return pyshim_atomic_compare_exchange_u8(byte, found, after, PYSHIM_ORDER_MUTEX_LEAVE,
                                             PYSHIM_ORDER_MUTEX_LEAVE_LOST);
}

static inline uint8_t pyshim_core_mutex_look(const uint8_t *byte)
{
    return pyshim_atomic_load_u8(byte, PYSHIM_ORDER_MUTEX_LOOK);
}

/* Says that the caller is about to wait, if the byte is still `found`. */
static inline int pyshim_core_mutex_announce(uint8_t *byte, uint8_t found)
{
    return pyshim_atomic_compare_exchange_u8(byte, &found,
                                             (uint8_t)(found | PYSHIM_MUTEX_BITS_PARKED),
                                             PYSHIM_ORDER_MUTEX_PARK,
                                             PYSHIM_ORDER_MUTEX_PARK_LOST);
}

/* Locks without waiting, whether or not others wait; they were not given the mutex. */
static inline int pyshim_core_mutex_try(uint8_t *byte)
{
    uint8_t found = pyshim_core_mutex_look(byte);
    while (!(found & PYSHIM_MUTEX_BITS_LOCKED)) {
        if (pyshim_core_mutex_take(byte, &found)) {
            return 1;
        }
    }
    return 0;
}

#endif
