/* SPDX-License-Identifier: 0BSD */
/* The atomic reference: one strong reference, or none, that any thread may read and replace. */
#ifndef PYSHIM_CORE_ATOMIC_REF_H
#define PYSHIM_CORE_ATOMIC_REF_H

#include "core.h" /* pyshim_atomic_ref */

/* Free-threaded builds. A load acquires what was released by the store, swap or compare-exchange
 * that it reads from, also when that emptied the cell; a swap and a successful compare-exchange do
 * both. */
PYSHIM_HIDDEN PyObject *pyshim_core_atomic_ref_load_ft(pyshim_atomic_ref *ref);
PYSHIM_HIDDEN void pyshim_core_atomic_ref_store_ft(pyshim_atomic_ref *ref, PyObject *value);
PYSHIM_HIDDEN PyObject *pyshim_core_atomic_ref_swap_ft(pyshim_atomic_ref *ref, PyObject *value);
PYSHIM_HIDDEN int pyshim_core_atomic_ref_compare_exchange_ft(pyshim_atomic_ref *ref,
                                                             PyObject *expected,
                                                             PyObject *desired);

/* Builds with a GIL, which is what keeps other threads of the interpreter away. */
PYSHIM_HIDDEN PyObject *pyshim_core_atomic_ref_load_gil(pyshim_atomic_ref *ref);
PYSHIM_HIDDEN void pyshim_core_atomic_ref_store_gil(pyshim_atomic_ref *ref, PyObject *value);
PYSHIM_HIDDEN PyObject *pyshim_core_atomic_ref_swap_gil(pyshim_atomic_ref *ref, PyObject *value);
PYSHIM_HIDDEN int pyshim_core_atomic_ref_compare_exchange_gil(pyshim_atomic_ref *ref,
                                                              PyObject *expected,
                                                              PyObject *desired);

#endif
