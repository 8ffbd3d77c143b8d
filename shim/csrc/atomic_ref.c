/* SPDX-License-Identifier: 0BSD */
/* The atomic reference. */

#include "atomic_ref.h"
#include "hazard.h"
#include "orders.h"

PyObject *pyshim_core_atomic_ref_load_ft(pyshim_atomic_ref *ref)
{
    for (;;) {
        PyObject *value = pyshim_atomic_load_object(&ref->value, PYSHIM_ORDER_CELL_READ);
        uintptr_t *slot;
        int held;
        if (value == NULL) {
            return NULL;
        }
        slot = pyshim_core_hazard_claim(value);
        held = pyshim_atomic_load_object(&ref->value, PYSHIM_ORDER_CELL_VALIDATE) == value;
        if (held) {
            Py_IncRef(value);
        }
        if (pyshim_core_hazard_release(slot)) {
            /* When `held`, there is one more and no code can run. Otherwise it may be the last
             * reference: it cannot be returned, since it may have come from a writer of another
             * cell, where an object that reuses the address has been. */
            Py_DecRef(value);
        }
        if (held) {
            return value;
        }
    }
}

/* Readers that still count on the reference of the cell get one of their own, before whoever has
 * replaced the value drops or hands on the cell's. Where the cell names the same object as before,
 * its own reference to that has never lapsed. */
static void pyshim_core_atomic_ref_retire(PyObject *old, PyObject *value)
{
    if (old != NULL && old != value) {
        pyshim_core_hazard_share(old);
    }
}

PyObject *pyshim_core_atomic_ref_swap_ft(pyshim_atomic_ref *ref, PyObject *value)
{
    PyObject *old;
    Py_IncRef(value);
    old = pyshim_atomic_exchange_object(&ref->value, value, PYSHIM_ORDER_CELL_SWAP);
    pyshim_core_atomic_ref_retire(old, value);
    return old;
}

void pyshim_core_atomic_ref_store_ft(pyshim_atomic_ref *ref, PyObject *value)
{
    Py_DecRef(pyshim_core_atomic_ref_swap_ft(ref, value));
}

int pyshim_core_atomic_ref_compare_exchange_ft(pyshim_atomic_ref *ref, PyObject *expected,
                                               PyObject *desired)
{
    PyObject *found = expected;
    Py_IncRef(desired);
    if (!pyshim_atomic_compare_exchange_object(&ref->value, &found, desired,
                                               PYSHIM_ORDER_CELL_EXCHANGE,
                                               PYSHIM_ORDER_CELL_EXCHANGE_LOST)) {
        Py_DecRef(desired);
        return 0;
    }
    pyshim_core_atomic_ref_retire(expected, desired);
    Py_DecRef(expected); /* not the last one: the caller has another */
    return 1;
}

PyObject *pyshim_core_atomic_ref_load_gil(pyshim_atomic_ref *ref)
{
    PyObject *value = ref->value;
    Py_IncRef(value);
    return value;
}

PyObject *pyshim_core_atomic_ref_swap_gil(pyshim_atomic_ref *ref, PyObject *value)
{
    PyObject *old = ref->value;
    Py_IncRef(value);
    ref->value = value;
    return old;
}

void pyshim_core_atomic_ref_store_gil(pyshim_atomic_ref *ref, PyObject *value)
{
    Py_DecRef(pyshim_core_atomic_ref_swap_gil(ref, value));
}

int pyshim_core_atomic_ref_compare_exchange_gil(pyshim_atomic_ref *ref, PyObject *expected,
                                                PyObject *desired)
{
    if (ref->value != expected) {
        return 0;
    }
    pyshim_core_atomic_ref_store_gil(ref, desired);
    return 1;
}

PyObject *pyshim_atomic_ref_peek(pyshim_atomic_ref *ref)
{
    return pyshim_atomic_load_object(&ref->value, PYSHIM_ORDER_CELL_PEEK);
}

const char *pyshim_atomic_ref_scheme(void)
{
    const pyshim_core_loaded *loaded = pyshim_core_get();
    if (loaded == NULL) {
        return "unknown";
    }
    return loaded->facts.build == PYSHIM_RUNTIME_FT ? "hazard" : "gil";
}
