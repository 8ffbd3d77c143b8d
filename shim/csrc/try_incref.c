/* SPDX-License-Identifier: 0BSD */
/* Try-incref where the running CPython exports none. */

#include "try_incref.h"
#include "atomics.h"
#include "orders.h"
#include "thread_id.h"

#include <string.h> /* memcpy */

/* The shared count is kept shifted above these two bits of state. */
#define PYSHIM_REF_FLAGS ((intptr_t)3)
#define PYSHIM_REF_MAYBE_WEAKREF ((intptr_t)1)
#define PYSHIM_REF_MERGED ((intptr_t)3)
#define PYSHIM_REF_ONE ((intptr_t)4)

static uintptr_t *pyshim_core_ob_tid(PyObject *op)
{
    return (uintptr_t *)(void *)((char *)op + PYSHIM_UPSTREAM_FT_PyObject_ob_tid);
}

static uint32_t *pyshim_core_ob_ref_local(PyObject *op)
{
    return (uint32_t *)(void *)((char *)op + PYSHIM_UPSTREAM_FT_PyObject_ob_ref_local);
}

static intptr_t *pyshim_core_ob_ref_shared(PyObject *op)
{
    return (intptr_t *)(void *)((char *)op + PYSHIM_UPSTREAM_FT_PyObject_ob_ref_shared);
}

/* An object that only its owner has touched has no shared count and is not enabled: such a one may
 * die at once, without its owner looking at the shared count twice. */
static int pyshim_core_try_incref_shared(PyObject *op)
{
    intptr_t *at = pyshim_core_ob_ref_shared(op);
    intptr_t shared = pyshim_atomic_load_ssize(at, PYSHIM_ORDER_TRY_SHARED_READ);
    while (shared != 0 && shared != PYSHIM_REF_MERGED) {
        if (pyshim_atomic_compare_exchange_ssize(at, &shared, shared + PYSHIM_REF_ONE,
                                                 PYSHIM_ORDER_TRY_SHARED_TAKE,
                                                 PYSHIM_ORDER_TRY_SHARED_LOST)) {
            return 1;
        }
    }
    return 0;
}

int pyshim_core_try_incref_ft(PyObject *op)
{
    uint32_t *at = pyshim_core_ob_ref_local(op);
    uint32_t local = pyshim_atomic_load_u32(at, PYSHIM_ORDER_TRY_LOCAL_READ);
    if (local == UINT32_MAX) {
        return 1; /* immortal */
    }
    if (pyshim_atomic_load_word(pyshim_core_ob_tid(op), PYSHIM_ORDER_TRY_OWNER_READ)
        == pyshim_core_thread_id()) {
        pyshim_atomic_store_u32(at, local + 1, PYSHIM_ORDER_TRY_LOCAL_WRITE);
        return 1;
    }
    return pyshim_core_try_incref_shared(op);
}

void pyshim_core_enable_try_incref_ft(PyObject *op)
{
    intptr_t *at = pyshim_core_ob_ref_shared(op);
    intptr_t shared = pyshim_atomic_load_ssize(at, PYSHIM_ORDER_ENABLE_READ);
    if (pyshim_atomic_load_u32(pyshim_core_ob_ref_local(op), PYSHIM_ORDER_TRY_LOCAL_READ)
        == UINT32_MAX) {
        return; /* immortal */
    }
    while ((shared & PYSHIM_REF_FLAGS) == 0
           && !pyshim_atomic_compare_exchange_ssize(at, &shared, shared | PYSHIM_REF_MAYBE_WEAKREF,
                                                    PYSHIM_ORDER_ENABLE_SET,
                                                    PYSHIM_ORDER_ENABLE_LOST)) {
    }
}

/* Where the count cannot be asked for it is read, and then only its low half where it has 64 bits:
 * newer versions keep flags in the upper one, and no count gets that far. */
static intptr_t pyshim_core_refcnt_gil(PyObject *op)
{
    const pyshim_core_loaded *loaded = pyshim_core_get();
    intptr_t count;
    if (loaded != NULL && loaded->natives.py_refcnt != NULL) {
        return loaded->natives.py_refcnt(op);
    }
    memcpy(&count, (const char *)op + PYSHIM_UPSTREAM_GIL_PyObject_ob_refcnt, sizeof(count));
    return sizeof(count) > 4 ? count & (intptr_t)0xFFFFFFFF : count;
}

int pyshim_core_try_incref_gil(PyObject *op)
{
    if (pyshim_core_refcnt_gil(op) <= 0) {
        return 0;
    }
    Py_IncRef(op);
    return 1;
}

void pyshim_core_enable_try_incref_gil(PyObject *op)
{
    (void)op; /* the count alone decides */
}
