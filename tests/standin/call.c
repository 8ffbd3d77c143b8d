/* Calls, and the functions of modules and types. */
#include "standin.h"

typedef struct {
    PyObject ob_base;
    PyMethodDef *def;
    PyObject *self, *module;
    PyTypeObject *defining_class;
} function;

typedef PyObject *(*with_keywords)(PyObject *, PyObject *, PyObject *);
typedef PyObject *(*fastcall)(PyObject *, PyObject *const *, Py_ssize_t);
typedef PyObject *(*fastcall_with_keywords)(PyObject *, PyObject *const *, Py_ssize_t, PyObject *);
typedef PyObject *(*fastcall_method)(PyObject *, PyTypeObject *, PyObject *const *, size_t,
                                     PyObject *);
typedef void (*any)(void);

static PyObject *function_call(PyObject *op, PyObject *args, PyObject *kwargs)
{
    function *self = (function *)op;
    const char *name = self->def->ml_name;
    int kind = self->def->ml_flags & ~(METH_CLASS | METH_STATIC | 0x40);
    any f = (any)self->def->ml_meth;
    PyObject **items = standin_tuple_items(args);
    Py_ssize_t n = PyTuple_Size(args);
    bool keywords = kwargs != NULL && ((PyVarObject *)kwargs)->ob_size != 0;
    if (keywords && kind != (METH_VARARGS | METH_KEYWORDS)) {
        return PyErr_Format(PyExc_TypeError, "%s() takes no keyword arguments here", name);
    }
    switch (kind) {
    case METH_NOARGS:
        if (n != 0) {
            return PyErr_Format(PyExc_TypeError, "%s() takes no arguments (%zd given)", name, n);
        }
        return ((standin_cfunction)f)(self->self, NULL);
    case METH_O:
        if (n != 1) {
            return PyErr_Format(PyExc_TypeError, "%s() takes exactly one argument (%zd given)",
                                name, n);
        }
        return ((standin_cfunction)f)(self->self, items[0]);
    case METH_VARARGS:
        return ((standin_cfunction)f)(self->self, args);
    case METH_VARARGS | METH_KEYWORDS:
        return ((with_keywords)f)(self->self, args, kwargs);
    case METH_FASTCALL:
        return ((fastcall)f)(self->self, items, n);
    case METH_FASTCALL | METH_KEYWORDS:
        return ((fastcall_with_keywords)f)(self->self, items, n, NULL);
    case METH_METHOD | METH_FASTCALL | METH_KEYWORDS:
        return ((fastcall_method)f)(self->self, self->defining_class, items, (size_t)n, NULL);
    default:
        return PyErr_Format(PyExc_SystemError, "%s() method: bad call flags", name);
    }
}

static void function_dealloc(PyObject *op)
{
    function *self = (function *)op;
    Py_DecRef(self->self);
    Py_DecRef(self->module);
    Py_DecRef((PyObject *)self->defining_class);
    standin_object_dealloc(op);
}

static PyObject *function_repr(PyObject *op)
{
    return PyUnicode_FromFormat("<built-in function %s>", ((function *)op)->def->ml_name);
}

static PyObject *function_name(PyObject *op, UNUSED void *closure)
{
    return PyUnicode_FromString(((function *)op)->def->ml_name);
}
static PyGetSetDef function_getset[] = {
    {"__name__", function_name, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject PyCFunction_Type = {
    .tp_name = "builtin_function_or_method",
    .tp_basicsize = sizeof(function),
    .tp_dealloc = function_dealloc,
    .tp_call = function_call,
    .tp_repr = function_repr,
    .tp_getset = function_getset,
};

PyObject *PyCMethod_New(PyMethodDef *method, PyObject *self, PyObject *module, PyTypeObject *type)
{
    function *made = (function *)PyType_GenericAlloc(&PyCFunction_Type, 0);
    if (made != NULL) {
        made->def = method;
        made->self = standin_new_ref(self);
        made->module = standin_new_ref(module);
        made->defining_class = (PyTypeObject *)standin_new_ref((PyObject *)type);
    }
    return (PyObject *)made;
}
PyObject *PyCFunction_NewEx(PyMethodDef *method, PyObject *self, PyObject *module)
{
    return PyCMethod_New(method, self, module, NULL);
}
/* A result without an exception, or an exception without a result. */
static PyObject *check_result(PyObject *callable, PyObject *result)
{
    PyObject *error = PyErr_Occurred();
    if ((result == NULL) == (error != NULL)) {
        return result;
    }
    if (result == NULL) {
        return PyErr_Format(PyExc_SystemError, "%R returned NULL without setting an exception",
                            callable);
    }
    Py_DecRef(result);
    PyErr_Clear();
    return PyErr_Format(PyExc_SystemError, "%R returned a result with an exception set", callable);
}

PyObject *PyObject_Call(PyObject *callable, PyObject *args, PyObject *kwargs)
{
    if (callable->ob_type->tp_call == NULL) {
        return PyErr_Format(PyExc_TypeError, "'%s' object is not callable",
                            callable->ob_type->tp_name);
    }
    return check_result(callable, callable->ob_type->tp_call(callable, args, kwargs));
}

/* Takes the reference to args. */
static PyObject *call_and_drop(PyObject *callable, PyObject *args)
{
    PyObject *result = args == NULL ? NULL : PyObject_Call(callable, args, NULL);
    Py_DecRef(args);
    return result;
}

PyObject *PyObject_CallObject(PyObject *callable, PyObject *args)
{
    return call_and_drop(callable, args != NULL ? standin_new_ref(args) : PyTuple_New(0));
}
PyObject *PyObject_CallNoArgs(PyObject *callable)
{
    return PyObject_CallObject(callable, NULL);
}
PyObject *PyObject_CallOneArg(PyObject *callable, PyObject *arg)
{
    return call_and_drop(callable, PyTuple_Pack(1, arg));
}

static PyObject *pack_until_null(va_list args)
{
    va_list count;
    va_copy(count, args);
    Py_ssize_t n = 0;
    while (va_arg(count, PyObject *) != NULL) {
        n++;
    }
    va_end(count);
    PyObject *tuple = PyTuple_New(n);
    for (Py_ssize_t i = 0; tuple != NULL && i < n; i++) {
        standin_tuple_items(tuple)[i] = standin_new_ref(va_arg(args, PyObject *));
    }
    return tuple;
}

PyObject *PyObject_CallFunctionObjArgs(PyObject *callable, ...)
{
    va_list args;
    va_start(args, callable);
    PyObject *tuple = pack_until_null(args);
    va_end(args);
    return call_and_drop(callable, tuple);
}

PyObject *PyObject_CallMethodObjArgs(PyObject *op, PyObject *name, ...)
{
    va_list args;
    va_start(args, name);
    PyObject *tuple = pack_until_null(args);
    va_end(args);
    PyObject *method = PyObject_GetAttr(op, name);
    if (method == NULL) {
        Py_DecRef(tuple);
        return NULL;
    }
    PyObject *result = call_and_drop(method, tuple);
    Py_DecRef(method);
    return result;
}

#define PY_VECTORCALL_ARGUMENTS_OFFSET ((size_t)1 << (8 * sizeof(size_t) - 1))

PyObject *PyObject_Vectorcall(PyObject *callable, PyObject *const *args, size_t flagged,
                              PyObject *names)
{
    if (names != NULL && PyTuple_Size(names) != 0) {
        return PyErr_Format(PyExc_TypeError, "the stand-in passes no keyword arguments");
    }
    Py_ssize_t n = (Py_ssize_t)(flagged & ~PY_VECTORCALL_ARGUMENTS_OFFSET);
    PyObject *tuple = PyTuple_New(n);
    for (Py_ssize_t i = 0; tuple != NULL && i < n; i++) {
        standin_tuple_items(tuple)[i] = standin_new_ref(args[i]);
    }
    return call_and_drop(callable, tuple);
}
