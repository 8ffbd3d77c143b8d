/* list; on free-threaded builds its functions lock the object, as CPython's do. */
#include "standin.h"
#include <stdlib.h> /* realloc */
#include <string.h> /* memmove */

static void list_dealloc(PyObject *op)
{
    PyListObject *self = (PyListObject *)op;
    for (Py_ssize_t i = 0; i < self->ob_base.ob_size; i++) {
        Py_DecRef(self->ob_item[i]);
    }
    free(self->ob_item);
    standin_object_dealloc(op);
}

static PyObject *list_repr(PyObject *op)
{
    PyListObject *self = (PyListObject *)op;
    struct standin_text text = {0};
    standin_text_adds(&text, "[");
    for (Py_ssize_t i = 0; i < self->ob_base.ob_size; i++) {
        standin_text_adds(&text, i != 0 ? ", " : "");
        standin_text_repr(&text, self->ob_item[i]);
    }
    standin_text_adds(&text, "]");
    return standin_text_finish(&text);
}

PyTypeObject PyList_Type = {
    .tp_name = "list",
    .tp_basicsize = sizeof(PyListObject),
    .tp_flags = TPFLAGS_LIST,
    .tp_new = PyType_GenericNew,
    .tp_dealloc = list_dealloc,
    .tp_repr = list_repr,
};

static bool is_list(PyObject *op)
{
    return op != NULL && (op->ob_type->tp_flags & TPFLAGS_LIST);
}

PyObject *PyList_New(Py_ssize_t n)
{
    PyListObject *self = (PyListObject *)PyType_GenericAlloc(&PyList_Type, 0);
    if (self != NULL && n > 0) {
        self->ob_item = calloc((size_t)n, sizeof(*self->ob_item));
        if (self->ob_item == NULL) {
            Py_DecRef((PyObject *)self);
            return PyErr_NoMemory();
        }
        self->ob_base.ob_size = self->allocated = n;
    }
    return (PyObject *)self;
}

Py_ssize_t PyList_Size(PyObject *op)
{
    if (!is_list(op)) {
        BAD_INTERNAL_CALL();
        return -1;
    }
    return __atomic_load_n(&((PyVarObject *)op)->ob_size, __ATOMIC_RELAXED);
}

static PyObject *item_at(PyListObject *self, Py_ssize_t i)
{
    return i >= 0 && i < self->ob_base.ob_size ? self->ob_item[i] : NULL;
}

PyObject *PyList_GetItemRef(PyObject *op, Py_ssize_t i)
{
    if (!is_list(op)) {
        return PyErr_Format(PyExc_TypeError, "expected a list");
    }
    PyCriticalSection c;
    standin_lock_object(&c, op);
    PyObject *item = standin_new_ref(item_at((PyListObject *)op, i));
    standin_unlock_object(&c);
    return item != NULL ? item : PyErr_Format(PyExc_IndexError, "list index out of range");
}

PyObject *PyList_GetItem(PyObject *op, Py_ssize_t i)
{
    if (!is_list(op)) {
        BAD_INTERNAL_CALL();
        return NULL;
    }
    PyCriticalSection c;
    standin_lock_object(&c, op);
    PyObject *item = item_at((PyListObject *)op, i);
    standin_unlock_object(&c);
    return item != NULL ? item : PyErr_Format(PyExc_IndexError, "list index out of range");
}

int PyList_SetItem(PyObject *op, Py_ssize_t i, PyObject *item)
{
    if (!is_list(op)) {
        Py_DecRef(item);
        BAD_INTERNAL_CALL();
        return -1;
    }
    PyListObject *self = (PyListObject *)op;
    PyCriticalSection c;
    standin_lock_object(&c, op);
    bool there = i >= 0 && i < self->ob_base.ob_size;
    PyObject *old = item;
    if (there) {
        old = self->ob_item[i];
        self->ob_item[i] = item;
    }
    standin_unlock_object(&c);
    Py_DecRef(old);
    if (!there) {
        PyErr_SetString(PyExc_IndexError, "list assignment index out of range");
    }
    return there ? 0 : -1;
}

int PyList_Insert(PyObject *op, Py_ssize_t at, PyObject *item)
{
    if (!is_list(op) || item == NULL) {
        BAD_INTERNAL_CALL();
        return -1;
    }
    PyListObject *self = (PyListObject *)op;
    PyCriticalSection c;
    standin_lock_object(&c, op);
    Py_ssize_t n = self->ob_base.ob_size;
    at = at < 0 ? at + n : at;
    at = at < 0 ? 0 : at > n ? n : at;
    if (n == self->allocated) {
        Py_ssize_t allocated = n * 2 + 4;
        PyObject **moved = realloc(self->ob_item, (size_t)allocated * sizeof(*moved));
        if (moved == NULL) {
            standin_unlock_object(&c);
            PyErr_NoMemory();
            return -1;
        }
        self->ob_item = moved;
        self->allocated = allocated;
    }
    memmove(self->ob_item + at + 1, self->ob_item + at, (size_t)(n - at) * sizeof(PyObject *));
    self->ob_item[at] = standin_new_ref(item);
    __atomic_store_n(&self->ob_base.ob_size, n + 1, __ATOMIC_RELAXED);
    standin_unlock_object(&c);
    return 0;
}

int PyList_Append(PyObject *op, PyObject *item)
{
    return PyList_Insert(op, INTPTR_MAX, item);
}

PyObject *PyList_AsTuple(PyObject *op)
{
    PyListObject *self = (PyListObject *)op;
    PyObject *made = PyTuple_New(self->ob_base.ob_size);
    for (Py_ssize_t i = 0; made != NULL && i < self->ob_base.ob_size; i++) {
        standin_tuple_items(made)[i] = standin_new_ref(self->ob_item[i]);
    }
    return made;
}
