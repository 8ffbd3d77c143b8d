/* bytes. */
#include "standin.h"
#include <stdio.h>  /* snprintf */
#include <string.h> /* memcpy */

/* CPython's layout, for PyBytes_AS_STRING. */
typedef struct {
    PyVarObject ob_base;
    Py_ssize_t ob_shash;
    char ob_sval[1];
} bytes_object;

static PyObject *bytes_repr(PyObject *op)
{
    bytes_object *self = (bytes_object *)op;
    struct standin_text text = {0};
    standin_text_adds(&text, "b'");
    for (Py_ssize_t i = 0; i < self->ob_base.ob_size; i++) {
        unsigned char byte = (unsigned char)self->ob_sval[i];
        char shown[8];
        bool plain = byte >= ' ' && byte < 127 && byte != '\'' && byte != '\\';
        snprintf(shown, sizeof(shown), plain ? "%c" : "\\x%02x", byte);
        standin_text_adds(&text, shown);
    }
    standin_text_adds(&text, "'");
    return standin_text_finish(&text);
}

PyTypeObject PyBytes_Type = {
    .tp_name = "bytes",
    .tp_basicsize = offsetof(bytes_object, ob_sval) + 1,
    .tp_itemsize = 1,
    .tp_flags = TPFLAGS_BYTES,
    .tp_repr = bytes_repr,
};

PyObject *PyBytes_FromStringAndSize(const char *data, Py_ssize_t n)
{
    bytes_object *self = (bytes_object *)PyType_GenericAlloc(&PyBytes_Type, n);
    if (self != NULL) {
        self->ob_shash = -1;
        if (data != NULL) {
            memcpy(self->ob_sval, data, (size_t)n);
        }
    }
    return (PyObject *)self;
}
PyObject *PyBytes_FromString(const char *data)
{
    return PyBytes_FromStringAndSize(data, (Py_ssize_t)strlen(data));
}
char *PyBytes_AsString(PyObject *op)
{
    if (!(op->ob_type->tp_flags & TPFLAGS_BYTES)) {
        PyErr_Format(PyExc_TypeError, "expected bytes, %s found", op->ob_type->tp_name);
        return NULL;
    }
    return ((bytes_object *)op)->ob_sval;
}
Py_ssize_t PyBytes_Size(PyObject *op)
{
    return PyBytes_AsString(op) == NULL ? -1 : ((PyVarObject *)op)->ob_size;
}
