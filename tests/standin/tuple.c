/* tuple. */
#include "standin.h"

/* 3.14 put a hash before the items. */
PyObject **standin_tuple_items(PyObject *op)
{
    return (PyObject **)((PyVarObject *)op + 1) + (standin.minor >= 14);
}

static void tuple_dealloc(PyObject *op)
{
    for (Py_ssize_t i = 0; i < PyTuple_Size(op); i++) {
        Py_DecRef(standin_tuple_items(op)[i]);
    }
    standin_object_dealloc(op);
}

static PyObject *tuple_repr(PyObject *op)
{
    struct standin_text text = {0};
    Py_ssize_t n = PyTuple_Size(op);
    standin_text_adds(&text, "(");
    for (Py_ssize_t i = 0; i < n; i++) {
        standin_text_adds(&text, i != 0 ? ", " : "");
        standin_text_repr(&text, standin_tuple_items(op)[i]);
    }
    standin_text_adds(&text, n == 1 ? ",)" : ")");
    return standin_text_finish(&text);
}

PyTypeObject PyTuple_Type = {
    .tp_name = "tuple",
    .tp_basicsize = sizeof(PyVarObject) + sizeof(Py_ssize_t),
    .tp_itemsize = sizeof(PyObject *),
    .tp_flags = TPFLAGS_TUPLE,
    .tp_dealloc = tuple_dealloc,
    .tp_repr = tuple_repr,
};

PyObject *PyTuple_New(Py_ssize_t n)
{
    return PyType_GenericAlloc(&PyTuple_Type, n);
}

static bool is_tuple(PyObject *op)
{
    return op != NULL && (op->ob_type->tp_flags & TPFLAGS_TUPLE);
}

Py_ssize_t PyTuple_Size(PyObject *op)
{
    if (!is_tuple(op)) {
        BAD_INTERNAL_CALL();
        return -1;
    }
    return ((PyVarObject *)op)->ob_size;
}

PyObject *PyTuple_GetItem(PyObject *op, Py_ssize_t i)
{
    if (!is_tuple(op)) {
        BAD_INTERNAL_CALL();
        return NULL;
    }
    if (i < 0 || i >= ((PyVarObject *)op)->ob_size) {
        return PyErr_Format(PyExc_IndexError, "tuple index out of range");
    }
    return standin_tuple_items(op)[i];
}

int PyTuple_SetItem(PyObject *op, Py_ssize_t i, PyObject *item)
{
    if (!is_tuple(op) || Py_REFCNT(op) != 1 || i < 0 || i >= ((PyVarObject *)op)->ob_size) {
        Py_DecRef(item);
        BAD_INTERNAL_CALL();
        return -1;
    }
    PyObject *old = standin_tuple_items(op)[i];
    standin_tuple_items(op)[i] = item;
    Py_DecRef(old);
    return 0;
}

PyObject *PyTuple_Pack(Py_ssize_t n, ...)
{
    va_list args;
    va_start(args, n);
    PyObject *made = PyTuple_New(n);
    for (Py_ssize_t i = 0; made != NULL && i < n; i++) {
        standin_tuple_items(made)[i] = standin_new_ref(va_arg(args, PyObject *));
    }
    va_end(args);
    return made;
}
