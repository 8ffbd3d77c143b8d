/* SPDX-License-Identifier: 0BSD */
/* Hazard slots. */

#include "hazard.h"
#include "orders.h"
#include "thread_id.h"

#include <stdlib.h> /* calloc, free */

static pyshim_core_hazard_block pyshim_core_hazard_first;

static size_t pyshim_core_hazard_home(uintptr_t thread_id)
{
    /* Thread ids differ in a few middle bits, the distance of stacks; the golden ratio spreads
     * them, and the top bits of the product are the best of it. */
#if UINTPTR_MAX > 0xFFFFFFFFu
    return (size_t)((thread_id * 0x9E3779B97F4A7C15u) >> 58) % PYSHIM_HAZARD_SLOTS;
#else
    return (size_t)((thread_id * 0x9E3779B9u) >> 27) % PYSHIM_HAZARD_SLOTS;
#endif
}

/* The block after this one, which is added when there is none. */
static pyshim_core_hazard_block *pyshim_core_hazard_next(pyshim_core_hazard_block *block)
{
    void *next = pyshim_atomic_load_pointer(&block->next, PYSHIM_ORDER_HAZARD_NEXT_READ);
    if (next == NULL) {
        void *fresh = calloc(1, sizeof(pyshim_core_hazard_block));
        if (fresh == NULL) {
            /* Holders run a dozen instructions: some slot is free by the time it is looked at. */
            return &pyshim_core_hazard_first;
        }
        if (pyshim_atomic_compare_exchange_pointer(&block->next, &next, fresh,
                                                   PYSHIM_ORDER_HAZARD_NEXT_PUBLISH,
                                                   PYSHIM_ORDER_HAZARD_NEXT_LOST)) {
            return (pyshim_core_hazard_block *)fresh;
        }
        free(fresh);
    }
    return (pyshim_core_hazard_block *)next;
}

/* Claims one slot of the block, or returns NULL when all are busy. */
static uintptr_t *pyshim_core_hazard_claim_in(pyshim_core_hazard_block *block, size_t home,
                                              PyObject *object)
{
    size_t n;
    for (n = 0; n < PYSHIM_HAZARD_SLOTS; n++) {
        size_t i = (home + n) % PYSHIM_HAZARD_SLOTS;
        uintptr_t bit = (uintptr_t)1 << i;
        uintptr_t *slot = &block->slots[i].value;
        uintptr_t found = 0;
        if (!(pyshim_atomic_load_word(&block->used, PYSHIM_ORDER_HAZARD_USED_CHECK) & bit)) {
            pyshim_atomic_fetch_or_word(&block->used, bit, PYSHIM_ORDER_HAZARD_USED_SET);
        }
        if (pyshim_atomic_compare_exchange_word(slot, &found, (uintptr_t)object,
                                                PYSHIM_ORDER_HAZARD_CLAIM,
                                                PYSHIM_ORDER_HAZARD_CLAIM_LOST)) {
            return slot;
        }
    }
    return NULL;
}

static uintptr_t *pyshim_core_hazard_claim(PyObject *object)
{
    size_t home = pyshim_core_hazard_home(pyshim_core_thread_id());
    pyshim_core_hazard_block *block = &pyshim_core_hazard_first;
    uintptr_t *slot;
    while ((slot = pyshim_core_hazard_claim_in(block, home, object)) == NULL) {
        block = pyshim_core_hazard_next(block);
    }
    pyshim_atomic_fence_after_rmw(PYSHIM_ORDER_HAZARD_CLAIM_FENCE);
    return slot;
}

static int pyshim_core_hazard_release(uintptr_t *slot)
{
    uintptr_t value = pyshim_atomic_exchange_word(slot, 0, PYSHIM_ORDER_HAZARD_CLEAR);
    return (value & PYSHIM_HAZARD_GIFT_BIT) != 0;
}

/* Gives the holder of one slot a reference if it wants this object and has none yet. Whoever holds
 * the slot when the exchange succeeds accepts, also when that is no longer who was seen first. */
static void pyshim_core_hazard_give(uintptr_t *slot, PyObject *object)
{
    uintptr_t value = pyshim_atomic_load_word(slot, PYSHIM_ORDER_HAZARD_SCAN);
    if (value == (uintptr_t)object) {
        Py_IncRef(object);
        if (!pyshim_atomic_compare_exchange_word(slot, &value, value | PYSHIM_HAZARD_GIFT_BIT,
                                                 PYSHIM_ORDER_HAZARD_GIFT,
                                                 PYSHIM_ORDER_HAZARD_GIFT_LOST)) {
            Py_DecRef(object); /* not the last one: the caller has another */
        }
    }
}

/* The number of the lowest bit that is set; there is one. */
static unsigned pyshim_core_lowest_bit(uintptr_t word)
{
#if defined(_MSC_VER) && !defined(__clang__)
    unsigned long number = 0;
#if defined(_WIN64)
    _BitScanForward64(&number, word);
#else
    _BitScanForward(&number, word);
#endif
    return (unsigned)number;
#elif UINTPTR_MAX > 0xFFFFFFFFu
    return (unsigned)__builtin_ctzll(word);
#else
    return (unsigned)__builtin_ctz(word);
#endif
}

static void pyshim_core_hazard_share(PyObject *object)
{
    pyshim_core_hazard_block *block = &pyshim_core_hazard_first;
    pyshim_atomic_fence_after_rmw(PYSHIM_ORDER_HAZARD_SCAN_FENCE);
    while (block != NULL) {
        uintptr_t used = pyshim_atomic_load_word(&block->used, PYSHIM_ORDER_HAZARD_USED_SCAN);
        for (; used != 0; used &= used - 1) {
            pyshim_core_hazard_give(&block->slots[pyshim_core_lowest_bit(used)].value, object);
        }
        block = (pyshim_core_hazard_block *)pyshim_atomic_load_pointer(
            &block->next, PYSHIM_ORDER_HAZARD_NEXT_SCAN);
    }
}
