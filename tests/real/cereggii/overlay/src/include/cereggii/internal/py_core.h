/* References to objects that other threads may drop: the copy of CPython's private header that was
 * here, on pyshim.
 * SPDX-License-Identifier: 0BSD
 */
#ifndef CEREGGII_PY_CORE_H
#define CEREGGII_PY_CORE_H

#include "pyshim.h"
#include <cereggii/internal/misc.h> /* what sources take for granted */

/* A new reference to an object that is about to be seen by all threads, for whoever has one. */
static inline void cereggii_share(PyObject *op)
{
    pyshim_enable_try_incref(op);
    Py_INCREF(op);
}

#endif
