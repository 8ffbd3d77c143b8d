/* SPDX-License-Identifier: 0BSD */
/* Try-incref of our own, where the running CPython exports none: 3.13 and older. */
#ifndef PYSHIM_CORE_TRY_INCREF_H
#define PYSHIM_CORE_TRY_INCREF_H

#include "core.h" /* PyObject, PYSHIM_HIDDEN */

/* Free-threaded builds: the protocol of `_Py_TryIncref` and `_PyObject_SetMaybeWeakref` of 3.13. A
 * try that succeeds by the shared count acquires what came before enabling. */
PYSHIM_HIDDEN int pyshim_core_try_incref_ft(PyObject *op);
PYSHIM_HIDDEN void pyshim_core_enable_try_incref_ft(PyObject *op);

/* Builds with a GIL: the count tells. */
PYSHIM_HIDDEN int pyshim_core_try_incref_gil(PyObject *op);
PYSHIM_HIDDEN void pyshim_core_enable_try_incref_gil(PyObject *op);

#endif
