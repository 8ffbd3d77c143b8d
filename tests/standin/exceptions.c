/* The exception classes and their instances. */
#include "standin.h"
#include <string.h> /* memset */

/* CPython's fields as of 3.11. */
typedef struct {
    PyObject ob_base;
    PyObject *dict, *args, *notes, *traceback, *context, *cause;
    char suppress_context;
} base_exception;

static PyObject *exception_new(PyTypeObject *type, PyObject *args, UNUSED PyObject *kwargs)
{
    base_exception *self = (base_exception *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->args = args != NULL ? standin_new_ref(args) : PyTuple_New(0);
    }
    return (PyObject *)self;
}

static int exception_init(PyObject *op, PyObject *args, UNUSED PyObject *kwargs)
{
    base_exception *self = (base_exception *)op;
    PyObject *old = self->args;
    self->args = standin_new_ref(args);
    Py_DecRef(old);
    return 0;
}

static void exception_dealloc(PyObject *op)
{
    base_exception *self = (base_exception *)op;
    Py_DecRef(self->dict);
    Py_DecRef(self->args);
    Py_DecRef(self->traceback);
    Py_DecRef(self->context);
    Py_DecRef(self->cause);
    standin_object_dealloc(op);
}

PyObject *standin_exception_str(PyObject *op)
{
    PyObject *args = ((base_exception *)op)->args;
    Py_ssize_t n = PyTuple_Size(args);
    return n == 0   ? PyUnicode_FromString("")
           : n == 1 ? PyObject_Str(PyTuple_GetItem(args, 0))
                    : PyObject_Repr(args);
}

static PyObject *exception_repr(PyObject *op)
{
    PyObject *args = ((base_exception *)op)->args;
    return PyTuple_Size(args) == 1
               ? PyUnicode_FromFormat("%s(%R)", op->ob_type->tp_name, PyTuple_GetItem(args, 0))
               : PyUnicode_FromFormat("%s%R", op->ob_type->tp_name, args);
}

static PyObject *get_args(PyObject *op, UNUSED void *closure)
{
    return standin_new_ref(((base_exception *)op)->args);
}

static PyObject *field_or_none(PyObject *value)
{
    return standin_new_ref(value != NULL ? value : &_Py_NoneStruct);
}
static PyObject *get_cause(PyObject *op, UNUSED void *closure)
{
    return field_or_none(((base_exception *)op)->cause);
}
static PyObject *get_context(PyObject *op, UNUSED void *closure)
{
    return field_or_none(((base_exception *)op)->context);
}
static PyGetSetDef exception_getset[] = {
    {"args", get_args, NULL, NULL, NULL},
    {"__cause__", get_cause, NULL, NULL, NULL},
    {"__context__", get_context, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

/* name, base; a base stands before those that are derived from it. */
#define EXCEPTIONS(X)                                                                              \
    X(Exception, BaseException)                                                                    \
    X(SystemExit, BaseException)                                                                   \
    X(KeyboardInterrupt, BaseException)                                                            \
    X(ArithmeticError, Exception)                                                                  \
    X(OverflowError, ArithmeticError)                                                              \
    X(ZeroDivisionError, ArithmeticError)                                                          \
    X(AssertionError, Exception)                                                                   \
    X(AttributeError, Exception)                                                                   \
    X(BufferError, Exception)                                                                      \
    X(ImportError, Exception)                                                                      \
    X(ModuleNotFoundError, ImportError)                                                            \
    X(LookupError, Exception)                                                                      \
    X(IndexError, LookupError)                                                                     \
    X(KeyError, LookupError)                                                                       \
    X(MemoryError, Exception)                                                                      \
    X(NameError, Exception)                                                                        \
    X(OSError, Exception)                                                                          \
    X(ReferenceError, Exception)                                                                   \
    X(RuntimeError, Exception)                                                                     \
    X(NotImplementedError, RuntimeError)                                                           \
    X(RecursionError, RuntimeError)                                                                \
    X(StopIteration, Exception)                                                                    \
    X(SystemError, Exception)                                                                      \
    X(TypeError, Exception)                                                                        \
    X(ValueError, Exception)                                                                       \
    X(UnicodeError, ValueError)                                                                    \
    X(Warning, Exception)                                                                          \
    X(DeprecationWarning, Warning)                                                                 \
    X(ImportWarning, Warning)                                                                      \
    X(ResourceWarning, Warning)                                                                    \
    X(RuntimeWarning, Warning)                                                                     \
    X(UserWarning, Warning)

static PyTypeObject type_BaseException = {
    .tp_name = "BaseException",
    .tp_basicsize = sizeof(base_exception),
    .tp_flags = TPFLAGS_DEFAULT | TPFLAGS_BASETYPE | TPFLAGS_EXCEPTION,
    .tp_new = exception_new,
    .tp_init = exception_init,
    .tp_dealloc = exception_dealloc,
    .tp_str = standin_exception_str,
    .tp_repr = exception_repr,
    .tp_getset = exception_getset,
    .tp_dictoffset = offsetof(base_exception, dict),
};
PyObject *PyExc_BaseException = (PyObject *)&type_BaseException;

#define DEFINE(name, base)                                                                         \
    static PyTypeObject type_##name = {.tp_name = #name, .tp_base = &type_##base};                 \
    PyObject *PyExc_##name = (PyObject *)&type_##name;
EXCEPTIONS(DEFINE)

void standin_exceptions_ready(void)
{
    standin_ready_static(&type_BaseException);
#define READY(name, base)                                                                          \
    type_##name.tp_flags = TPFLAGS_DEFAULT | TPFLAGS_BASETYPE;                                     \
    standin_ready_static(&type_##name);
    EXCEPTIONS(READY)
}

/* Steals the cause. */
void PyException_SetCause(PyObject *op, PyObject *cause)
{
    base_exception *self = (base_exception *)op;
    PyObject *old = self->cause;
    self->cause = cause;
    self->suppress_context = 1;
    Py_DecRef(old);
}
PyObject *PyException_GetCause(PyObject *op)
{
    return standin_new_ref(((base_exception *)op)->cause);
}
void PyException_SetContext(PyObject *op, PyObject *context)
{
    base_exception *self = (base_exception *)op;
    PyObject *old = self->context;
    self->context = context;
    Py_DecRef(old);
}
PyObject *PyException_GetContext(PyObject *op)
{
    return standin_new_ref(((base_exception *)op)->context);
}
PyObject *PyException_GetTraceback(UNUSED PyObject *op)
{
    return NULL;
}
int PyException_SetTraceback(UNUSED PyObject *op, UNUSED PyObject *traceback)
{
    return 0;
}

/* "module.Name"; the class lives as long as the process, as most of them do. */
PyObject *PyErr_NewException(const char *name, PyObject *base, UNUSED PyObject *dict)
{
    if (base != NULL && (base->ob_type->tp_flags & TPFLAGS_TUPLE)) {
        base = PyTuple_GetItem(base, 0); /* one base is what the stand-in knows */
    }
    standin_heap_type *heap = PyObject_Malloc(sizeof(*heap));
    if (heap == NULL) {
        return PyErr_NoMemory();
    }
    memset(heap, 0, sizeof(*heap));
    standin_init_object((PyObject *)heap, &PyType_Type);
    size_t n = strlen(name) + 1;
    heap->name = PyObject_Malloc(n);
    if (heap->name == NULL) {
        return PyErr_NoMemory();
    }
    memcpy(heap->name, name, n);
    heap->type.tp_name = heap->name;
    heap->type.tp_base = (PyTypeObject *)(base != NULL ? base : PyExc_Exception);
    heap->type.tp_flags = TPFLAGS_DEFAULT | TPFLAGS_BASETYPE | TPFLAGS_HEAPTYPE;
    return PyType_Ready(&heap->type) < 0 ? NULL : (PyObject *)heap;
}
PyObject *PyErr_NewExceptionWithDoc(const char *name, UNUSED const char *doc, PyObject *base,
                                    PyObject *dict)
{
    return PyErr_NewException(name, base, dict);
}
