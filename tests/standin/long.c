/* int and bool, as far as 64 bits go. */
#include "standin.h"
#include <limits.h> /* LONG_MAX */
#include <stdlib.h> /* strtoull */

static PyObject *long_repr(PyObject *op)
{
    standin_long *self = (standin_long *)op;
    return PyUnicode_FromFormat("%s%llu", self->negative ? "-" : "", self->magnitude);
}

PyTypeObject PyLong_Type = {
    .tp_name = "int",
    .tp_basicsize = sizeof(standin_long),
    .tp_flags = TPFLAGS_LONG,
    .tp_repr = long_repr,
};

static PyObject *bool_repr(PyObject *op)
{
    return PyUnicode_FromString(op == (PyObject *)&_Py_TrueStruct ? "True" : "False");
}
PyTypeObject PyBool_Type = {
    .tp_name = "bool",
    .tp_base = &PyLong_Type,
    .tp_repr = bool_repr,
};
standin_long _Py_TrueStruct = {.magnitude = 1}, _Py_FalseStruct;

/* CPython's own range of integers that exist once. */
enum { SMALLEST = -5, LARGEST = 256 };
static standin_long small[LARGEST - SMALLEST + 1];

void standin_longs_ready(void)
{
    for (int value = SMALLEST; value <= LARGEST; value++) {
        standin_long *self = &small[value - SMALLEST];
        standin_init_static(&self->ob_base, &PyLong_Type);
        self->negative = value < 0;
        self->magnitude = (unsigned long long)abs(value);
    }
    standin_init_static(&_Py_TrueStruct.ob_base, &PyBool_Type);
    standin_init_static(&_Py_FalseStruct.ob_base, &PyBool_Type);
}

static PyObject *make(bool negative, unsigned long long magnitude)
{
    if (magnitude <= (negative ? -SMALLEST : LARGEST)) {
        int value = negative ? -(int)magnitude : (int)magnitude;
        return standin_new_ref(&small[value - SMALLEST].ob_base);
    }
    standin_long *self = (standin_long *)_PyObject_New(&PyLong_Type);
    if (self != NULL) {
        self->negative = negative;
        self->magnitude = magnitude;
    }
    return (PyObject *)self;
}

PyObject *PyLong_FromLongLong(long long value)
{
    return value < 0 ? make(true, -(unsigned long long)value)
                     : make(false, (unsigned long long)value);
}
PyObject *PyLong_FromUnsignedLongLong(unsigned long long value)
{
    return make(false, value);
}
PyObject *PyLong_FromLong(long value)
{
    return PyLong_FromLongLong(value);
}
PyObject *PyLong_FromUnsignedLong(unsigned long value)
{
    return make(false, value);
}
PyObject *PyLong_FromSsize_t(Py_ssize_t value)
{
    return PyLong_FromLongLong(value);
}
PyObject *PyLong_FromSize_t(size_t value)
{
    return make(false, value);
}
PyObject *PyLong_FromVoidPtr(void *p)
{
    return make(false, (uintptr_t)p);
}
PyObject *PyBool_FromLong(long value)
{
    return standin_new_ref(value ? &_Py_TrueStruct.ob_base : &_Py_FalseStruct.ob_base);
}

PyObject *PyLong_FromString(const char *text, char **end, int base)
{
    char *after;
    bool negative = text[0] == '-';
    unsigned long long magnitude = strtoull(text + negative, &after, base);
    if (end != NULL) {
        *end = after;
    } else if (after == text + negative || *after != '\0') {
        return PyErr_Format(PyExc_ValueError, "invalid literal for int() with base %d: '%s'", base,
                            text);
    }
    return make(negative, magnitude);
}

static standin_long *as_long(PyObject *op)
{
    if (op == NULL) {
        BAD_INTERNAL_CALL();
        return NULL;
    }
    if (!(op->ob_type->tp_flags & TPFLAGS_LONG)) {
        PyErr_Format(PyExc_TypeError, "'%s' object cannot be interpreted as an integer",
                     op->ob_type->tp_name);
        return NULL;
    }
    return (standin_long *)op;
}

long long PyLong_AsLongLongAndOverflow(PyObject *op, int *overflow)
{
    standin_long *self = as_long(op);
    *overflow = 0;
    if (self == NULL) {
        return -1;
    }
    unsigned long long limit = (unsigned long long)LLONG_MAX + self->negative;
    if (self->magnitude > limit) {
        *overflow = self->negative ? -1 : 1;
        return -1;
    }
    return self->negative ? (long long)-self->magnitude : (long long)self->magnitude;
}

static long long as_signed(PyObject *op, const char *name)
{
    int overflow;
    long long value = PyLong_AsLongLongAndOverflow(op, &overflow);
    if (overflow != 0) {
        PyErr_Format(PyExc_OverflowError, "Python int too large to convert to C %s", name);
    }
    return value;
}

static unsigned long long as_unsigned(PyObject *op, const char *name)
{
    standin_long *self = as_long(op);
    if (self == NULL) {
        return (unsigned long long)-1;
    }
    if (self->negative) {
        PyErr_Format(PyExc_OverflowError, "can't convert negative value to %s", name);
        return (unsigned long long)-1;
    }
    return self->magnitude;
}

long PyLong_AsLong(PyObject *op)
{
    return as_signed(op, "long");
}
long long PyLong_AsLongLong(PyObject *op)
{
    return as_signed(op, "long long");
}
Py_ssize_t PyLong_AsSsize_t(PyObject *op)
{
    return as_signed(op, "ssize_t");
}
unsigned long PyLong_AsUnsignedLong(PyObject *op)
{
    return as_unsigned(op, "unsigned int");
}
unsigned long long PyLong_AsUnsignedLongLong(PyObject *op)
{
    return as_unsigned(op, "unsigned int");
}
size_t PyLong_AsSize_t(PyObject *op)
{
    return as_unsigned(op, "size_t");
}
void *PyLong_AsVoidPtr(PyObject *op)
{
    return (void *)(uintptr_t)as_unsigned(op, "void pointer");
}

/* As CPython does it: the low bits, and no complaint about the others. */
unsigned long PyLong_AsUnsignedLongMask(PyObject *op)
{
    standin_long *self = as_long(op);
    return self == NULL ? (unsigned long)-1 : self->negative ? -self->magnitude : self->magnitude;
}
