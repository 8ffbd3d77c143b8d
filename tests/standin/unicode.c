/* str, kept as UTF-8. */
#include "standin.h"
#include <string.h> /* memcmp */

typedef struct {
    PyVarObject ob_base; /* the size in bytes */
    char data[];
} text_object;

static text_object *check(PyObject *op)
{
    if (op == NULL || !standin_is_str(op)) {
        PyErr_Format(PyExc_TypeError, "bad argument type for built-in operation");
        return NULL;
    }
    return (text_object *)op;
}

static PyObject *unicode_repr(PyObject *op)
{
    struct standin_text text = {0};
    text_object *self = (text_object *)op;
    const char *quote = strchr(self->data, '\'') && !strchr(self->data, '"') ? "\"" : "'";
    standin_text_adds(&text, quote);
    for (const char *p = self->data; *p != '\0'; p++) {
        if (*p == '\n') {
            standin_text_adds(&text, "\\n");
            continue;
        }
        if (*p == '\\' || *p == *quote) {
            standin_text_adds(&text, "\\");
        }
        standin_text_add(&text, p, 1);
    }
    standin_text_adds(&text, quote);
    return standin_text_finish(&text);
}

static PyObject *unicode_str(PyObject *op)
{
    return standin_new_ref(op);
}

PyTypeObject PyUnicode_Type = {
    .tp_name = "str",
    .tp_basicsize = sizeof(text_object),
    .tp_itemsize = 1,
    .tp_flags = TPFLAGS_UNICODE,
    .tp_repr = unicode_repr,
    .tp_str = unicode_str,
};

PyObject *PyUnicode_FromStringAndSize(const char *data, Py_ssize_t n)
{
    text_object *self = (text_object *)PyType_GenericAlloc(&PyUnicode_Type, n);
    if (self != NULL && data != NULL) {
        memcpy(self->data, data, (size_t)n);
    }
    return (PyObject *)self;
}
PyObject *PyUnicode_FromString(const char *data)
{
    return PyUnicode_FromStringAndSize(data, (Py_ssize_t)strlen(data));
}
PyObject *PyUnicode_InternFromString(const char *data)
{
    return PyUnicode_FromString(data);
}
void PyUnicode_InternInPlace(UNUSED PyObject **op)
{
}
PyObject *PyUnicode_DecodeUTF8(const char *data, Py_ssize_t n, UNUSED const char *errors)
{
    return PyUnicode_FromStringAndSize(data, n);
}

const char *PyUnicode_AsUTF8AndSize(PyObject *op, Py_ssize_t *n)
{
    text_object *self = check(op);
    if (self == NULL) {
        return NULL;
    }
    if (n != NULL) {
        *n = self->ob_base.ob_size;
    }
    return self->data;
}
const char *PyUnicode_AsUTF8(PyObject *op)
{
    return PyUnicode_AsUTF8AndSize(op, NULL);
}
PyObject *PyUnicode_AsUTF8String(PyObject *op)
{
    text_object *self = check(op);
    return self == NULL ? NULL : PyBytes_FromStringAndSize(self->data, self->ob_base.ob_size);
}

Py_ssize_t PyUnicode_GetLength(PyObject *op)
{
    text_object *self = check(op);
    if (self == NULL) {
        return -1;
    }
    Py_ssize_t n = 0;
    for (const char *p = self->data; *p != '\0'; p++) {
        n += (*p & 0xc0) != 0x80;
    }
    return n;
}

int PyUnicode_CompareWithASCIIString(PyObject *op, const char *other)
{
    int order = strcmp(((text_object *)op)->data, other);
    return (order > 0) - (order < 0);
}
int PyUnicode_Compare(PyObject *a, PyObject *b)
{
    text_object *text = check(b);
    return check(a) == NULL || text == NULL ? -1 : PyUnicode_CompareWithASCIIString(a, text->data);
}
int PyUnicode_EqualToUTF8(PyObject *op, const char *other)
{
    return PyUnicode_CompareWithASCIIString(op, other) == 0;
}

int PyUnicode_Contains(PyObject *op, PyObject *part)
{
    text_object *text = check(op), *wanted = check(part);
    return text == NULL || wanted == NULL ? -1 : strstr(text->data, wanted->data) != NULL;
}

PyObject *PyUnicode_Concat(PyObject *a, PyObject *b)
{
    return check(a) == NULL || check(b) == NULL ? NULL : PyUnicode_FromFormat("%U%U", a, b);
}
/* Takes the reference to *a and puts the result there, NULL after an error. */
void PyUnicode_Append(PyObject **a, PyObject *b)
{
    PyObject *joined = *a == NULL || b == NULL ? NULL : PyUnicode_Concat(*a, b);
    Py_DecRef(*a);
    *a = joined;
}
void PyUnicode_AppendAndDel(PyObject **a, PyObject *b)
{
    PyUnicode_Append(a, b);
    Py_DecRef(b);
}

PyObject *PyUnicode_Join(PyObject *separator, PyObject *list)
{
    bool is_list = list->ob_type->tp_flags & TPFLAGS_LIST;
    PyObject **items = is_list ? ((PyListObject *)list)->ob_item : standin_tuple_items(list);
    struct standin_text text = {0};
    for (Py_ssize_t i = 0; i < ((PyVarObject *)list)->ob_size; i++) {
        if (i != 0) {
            standin_text_adds(&text, ((text_object *)separator)->data);
        }
        standin_text_adds(&text, PyUnicode_AsUTF8(items[i]));
    }
    return standin_text_finish(&text);
}
