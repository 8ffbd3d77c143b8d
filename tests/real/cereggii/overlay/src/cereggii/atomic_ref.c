/* AtomicRef: pyshim's atomic reference as a Python object.
 * SPDX-License-Identifier: 0BSD
 */
#include <cereggii/atomic_ref.h>
#include <cereggii/thread_handle.h>

PyObject *AtomicRef_new(PyTypeObject *Py_UNUSED(type), PyObject *Py_UNUSED(args),
                        PyObject *Py_UNUSED(kwds))
{
    AtomicRef *self = PyObject_GC_New(AtomicRef, &AtomicRef_Type);
    if (self == NULL) {
        return NULL;
    }
    self->reference = (pyshim_atomic_ref) {0};
    pyshim_atomic_ref_store(&self->reference, Py_None);
    PyObject_GC_Track(self);
    return (PyObject *) self;
}

int AtomicRef_init(AtomicRef *self, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"initial_value", NULL};
    PyObject *initial = NULL;
    if (args != NULL && !PyArg_ParseTupleAndKeywords(args, kwargs, "|O", keywords, &initial)) {
        return -1;
    }
    if (initial != NULL) {
        pyshim_atomic_ref_store(&self->reference, initial);
    }
    return 0;
}

int AtomicRef_traverse(AtomicRef *self, visitproc visit, void *arg)
{
    Py_VISIT(pyshim_atomic_ref_peek(&self->reference));
    return 0;
}

/* What it has goes, and methods still find something: finalizers may call them. */
int AtomicRef_clear(AtomicRef *self)
{
    pyshim_atomic_ref_store(&self->reference, Py_None);
    return 0;
}

void AtomicRef_dealloc(AtomicRef *self)
{
    PyObject_GC_UnTrack(self);
    pyshim_atomic_ref_store(&self->reference, NULL);
    Py_TYPE(self)->tp_free((PyObject *) self);
}

PyObject *AtomicRef_Get(AtomicRef *self)
{
    return pyshim_atomic_ref_load(&self->reference);
}

PyObject *AtomicRef_Set(AtomicRef *self, PyObject *desired)
{
    pyshim_atomic_ref_store(&self->reference, desired);
    Py_RETURN_NONE;
}

PyObject *AtomicRef_GetAndSet(AtomicRef *self, PyObject *desired)
{
    return pyshim_atomic_ref_swap(&self->reference, desired);
}

int AtomicRef_CompareAndSet(AtomicRef *self, PyObject *expected, PyObject *desired)
{
    return pyshim_atomic_ref_compare_exchange(&self->reference, expected, desired);
}

PyObject *AtomicRef_CompareAndSet_callable(AtomicRef *self, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"expected", "desired", NULL};
    PyObject *expected, *desired;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO", keywords, &expected, &desired)) {
        return NULL;
    }
    return PyBool_FromLong(AtomicRef_CompareAndSet(self, expected, desired));
}

int AtomicRef_Has(AtomicRef *self, PyObject *op)
{
    return pyshim_atomic_ref_peek(&self->reference) == op;
}

PyObject *AtomicRef_GetHandle(AtomicRef *self)
{
    return PyObject_CallFunctionObjArgs((PyObject *) &ThreadHandle_Type, (PyObject *) self, NULL);
}
