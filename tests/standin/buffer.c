/* The memory of objects: of bytes only. */
#include "standin.h"

typedef struct {
    void *buf;
    PyObject *obj;
    Py_ssize_t len;
    Py_ssize_t itemsize;
    int readonly;
    int ndim;
    char *format;
    Py_ssize_t *shape;
    Py_ssize_t *strides;
    Py_ssize_t *suboffsets;
    void *internal;
} Py_buffer;

/* Gives all that PyBUF_FULL_RO asks for, also to those who ask for less. */
int PyObject_GetBuffer(PyObject *op, Py_buffer *view, UNUSED int flags)
{
    static char format[] = "B";
    if (!(op->ob_type->tp_flags & TPFLAGS_BYTES)) {
        PyErr_Format(PyExc_TypeError, "a bytes-like object is required, not '%s'",
                     op->ob_type->tp_name);
        return -1;
    }
    *view = (Py_buffer){
        .buf = PyBytes_AsString(op),
        .obj = standin_new_ref(op),
        .len = PyBytes_Size(op),
        .itemsize = 1,
        .readonly = 1,
        .ndim = 1,
        .format = format,
    };
    view->shape = &view->len;
    view->strides = &view->itemsize;
    return 0;
}

void PyBuffer_Release(Py_buffer *view)
{
    PyObject *op = view->obj;
    view->obj = NULL;
    Py_DecRef(op);
}
