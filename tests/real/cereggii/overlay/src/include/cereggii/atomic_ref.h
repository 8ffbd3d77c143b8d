/* AtomicRef: pyshim's atomic reference as a Python object.
 * SPDX-License-Identifier: 0BSD
 */
#ifndef CEREGGII_ATOMIC_REF_H
#define CEREGGII_ATOMIC_REF_H

#include "pyshim.h"

typedef struct atomic_ref {
    PyObject_HEAD
    pyshim_atomic_ref reference; /* never empty: None stands for nothing */
} AtomicRef;

extern PyTypeObject AtomicRef_Type;

/* Each is a slot or a method of the type. */
PyObject *AtomicRef_new(PyTypeObject *type, PyObject *args, PyObject *kwds);
int AtomicRef_init(AtomicRef *self, PyObject *args, PyObject *kwargs);
int AtomicRef_traverse(AtomicRef *self, visitproc visit, void *arg);
int AtomicRef_clear(AtomicRef *self);
void AtomicRef_dealloc(AtomicRef *self);
PyObject *AtomicRef_Set(AtomicRef *self, PyObject *desired);
PyObject *AtomicRef_GetAndSet(AtomicRef *self, PyObject *desired);
PyObject *AtomicRef_CompareAndSet_callable(AtomicRef *self, PyObject *args, PyObject *kwargs);
PyObject *AtomicRef_GetHandle(AtomicRef *self);

/* A new reference to what is in it; a method too. */
PyObject *AtomicRef_Get(AtomicRef *self);

/* Puts `desired` into it if it has `expected`, to which the caller has a reference. Whether it did. */
int AtomicRef_CompareAndSet(AtomicRef *self, PyObject *expected, PyObject *desired);

/* Whether it has that object, to which the caller has a reference. */
int AtomicRef_Has(AtomicRef *self, PyObject *op);

#endif
