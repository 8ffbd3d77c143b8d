/* What every object can be asked. */
#include "standin.h"
#include <stdlib.h> /* the allocator */
#include <string.h> /* strcmp */

void *PyObject_Malloc(size_t n)
{
    return malloc(n != 0 ? n : 1);
}
void *PyObject_Calloc(size_t n, size_t size)
{
    return calloc(n != 0 ? n : 1, size != 0 ? size : 1);
}
void *PyObject_Realloc(void *p, size_t n)
{
    return realloc(p, n != 0 ? n : 1);
}
void PyObject_Free(void *p)
{
    free(p);
}
void *PyMem_Malloc(size_t n)
{
    return PyObject_Malloc(n);
}
void *PyMem_Calloc(size_t n, size_t size)
{
    return PyObject_Calloc(n, size);
}
void *PyMem_Realloc(void *p, size_t n)
{
    return PyObject_Realloc(p, n);
}
void PyMem_Free(void *p)
{
    free(p);
}
void *PyMem_RawMalloc(size_t n)
{
    return PyObject_Malloc(n);
}
void *PyMem_RawCalloc(size_t n, size_t size)
{
    return PyObject_Calloc(n, size);
}
void *PyMem_RawRealloc(void *p, size_t n)
{
    return PyObject_Realloc(p, n);
}
void PyMem_RawFree(void *p)
{
    free(p);
}

PyObject *PyObject_Init(PyObject *op, PyTypeObject *type)
{
    standin_init_object(op, type);
    return op;
}
PyVarObject *PyObject_InitVar(PyVarObject *op, PyTypeObject *type, Py_ssize_t n)
{
    standin_init_object(&op->ob_base, type);
    op->ob_size = n;
    return op;
}
PyObject *_PyObject_New(PyTypeObject *type)
{
    PyObject *op = PyObject_Malloc((size_t)type->tp_basicsize);
    return op == NULL ? PyErr_NoMemory() : PyObject_Init(op, type);
}
PyVarObject *_PyObject_NewVar(PyTypeObject *type, Py_ssize_t n)
{
    PyVarObject *op = PyObject_Malloc((size_t)(type->tp_basicsize + n * type->tp_itemsize));
    if (op == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    return PyObject_InitVar(op, type, n);
}

/* There is no collector: objects that ask for one are plain objects. */
PyObject *_PyObject_GC_New(PyTypeObject *type)
{
    return _PyObject_New(type);
}
PyVarObject *_PyObject_GC_NewVar(PyTypeObject *type, Py_ssize_t n)
{
    return _PyObject_NewVar(type, n);
}
void PyObject_GC_Track(UNUSED void *op)
{
}
void PyObject_GC_UnTrack(UNUSED void *op)
{
}
void PyObject_GC_Del(void *op)
{
    free(op);
}
Py_ssize_t PyGC_Collect(void)
{
    return 0;
}

static PyObject *none_repr(UNUSED PyObject *op)
{
    return PyUnicode_FromString("None");
}
static void none_dealloc(UNUSED PyObject *op)
{
    _Py_FatalErrorFunc("none_dealloc", "deallocating None: bug likely caused by a refcount error "
                                       "in a C extension");
}
PyTypeObject standin_none_type = {
    .tp_name = "NoneType",
    .tp_basicsize = sizeof(PyObject),
    .tp_repr = none_repr,
    .tp_dealloc = none_dealloc,
};
PyObject _Py_NoneStruct = {.ob_type = &standin_none_type};

PyTypeObject *Py_TYPE(PyObject *op)
{
    return op->ob_type;
}
int Py_IS_TYPE(PyObject *op, PyTypeObject *type)
{
    return op->ob_type == type;
}
Py_ssize_t Py_SIZE(PyObject *op)
{
    return ((PyVarObject *)op)->ob_size;
}
PyObject *PyObject_Type(PyObject *op)
{
    return standin_new_ref((PyObject *)op->ob_type);
}
int Py_Is(PyObject *a, PyObject *b)
{
    return a == b;
}
int Py_IsNone(PyObject *op)
{
    return op == &_Py_NoneStruct;
}

enum { CONSTANT_NONE, CONSTANT_FALSE, CONSTANT_TRUE };
PyObject *Py_GetConstantBorrowed(unsigned id)
{
    switch (id) {
    case CONSTANT_NONE:
        return &_Py_NoneStruct;
    case CONSTANT_FALSE:
        return (PyObject *)&_Py_FalseStruct;
    case CONSTANT_TRUE:
        return (PyObject *)&_Py_TrueStruct;
    default:
        BAD_INTERNAL_CALL();
        return NULL;
    }
}
PyObject *Py_GetConstant(unsigned id)
{
    return standin_new_ref(Py_GetConstantBorrowed(id));
}

PyObject **standin_instance_dict(PyObject *op)
{
    Py_ssize_t offset = op->ob_type->tp_dictoffset;
    return offset > 0 ? (PyObject **)((char *)op + offset) : NULL;
}

PyObject *PyObject_GenericGetAttr(PyObject *op, PyObject *name)
{
    PyObject *descr = standin_type_lookup(op->ob_type, name);
    if (descr != NULL && descr->ob_type->tp_descr_set != NULL) {
        return descr->ob_type->tp_descr_get(descr, op, (PyObject *)op->ob_type);
    }
    PyObject **dict = standin_instance_dict(op);
    PyObject *found = dict != NULL && *dict != NULL ? standin_dict_get_new(*dict, name) : NULL;
    if (found != NULL) {
        return found;
    }
    if (descr != NULL) {
        return descr->ob_type->tp_descr_get != NULL
                   ? descr->ob_type->tp_descr_get(descr, op, (PyObject *)op->ob_type)
                   : standin_new_ref(descr);
    }
    if (standin_is_module(op)) {
        return PyErr_Format(PyExc_AttributeError, "module '%s' has no attribute '%U'",
                            PyModule_GetName(op), name);
    }
    return PyErr_Format(PyExc_AttributeError, "'%s' object has no attribute '%U'",
                        op->ob_type->tp_name, name);
}

int PyObject_GenericSetAttr(PyObject *op, PyObject *name, PyObject *value)
{
    PyObject *descr = standin_type_lookup(op->ob_type, name);
    if (descr != NULL && descr->ob_type->tp_descr_set != NULL) {
        return descr->ob_type->tp_descr_set(descr, op, value);
    }
    PyObject **dict = standin_instance_dict(op);
    if (dict == NULL) {
        PyErr_Format(PyExc_AttributeError, "'%s' object has no attribute '%U'",
                     op->ob_type->tp_name, name);
        return -1;
    }
    if (*dict == NULL && (*dict = PyDict_New()) == NULL) {
        return -1;
    }
    return value != NULL ? PyDict_SetItem(*dict, name, value) : PyDict_DelItem(*dict, name);
}

PyObject *PyObject_GetAttr(PyObject *op, PyObject *name)
{
    return op->ob_type->tp_getattro(op, name);
}
PyObject *PyObject_GetAttrString(PyObject *op, const char *name)
{
    PyObject *key = PyUnicode_FromString(name);
    PyObject *found = key == NULL ? NULL : PyObject_GetAttr(op, key);
    Py_DecRef(key);
    return found;
}
int PyObject_SetAttr(PyObject *op, PyObject *name, PyObject *value)
{
    return op->ob_type->tp_setattro(op, name, value);
}
int PyObject_SetAttrString(PyObject *op, const char *name, PyObject *value)
{
    PyObject *key = PyUnicode_FromString(name);
    int result = key == NULL ? -1 : PyObject_SetAttr(op, key, value);
    Py_DecRef(key);
    return result;
}
int PyObject_HasAttrString(PyObject *op, const char *name)
{
    PyObject *found = PyObject_GetAttrString(op, name);
    if (found == NULL) {
        PyErr_Clear();
    }
    Py_DecRef(found);
    return found != NULL;
}
/* 1 found, 0 absent without an exception, -1 another exception. */
int PyObject_GetOptionalAttrString(PyObject *op, const char *name, PyObject **result)
{
    *result = PyObject_GetAttrString(op, name);
    if (*result != NULL) {
        return 1;
    }
    if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
        return -1;
    }
    PyErr_Clear();
    return 0;
}

PyObject *PyObject_Repr(PyObject *op)
{
    return op == NULL ? PyUnicode_FromString("<NULL>") : op->ob_type->tp_repr(op);
}
PyObject *PyObject_Str(PyObject *op)
{
    if (op == NULL) {
        return PyUnicode_FromString("<NULL>");
    }
    return op->ob_type->tp_str != NULL ? op->ob_type->tp_str(op) : PyObject_Repr(op);
}
PyObject *PyObject_ASCII(PyObject *op)
{
    return PyObject_Repr(op);
}

int PyObject_IsTrue(PyObject *op)
{
    if (op == &_Py_NoneStruct) {
        return 0;
    }
    unsigned long flags = op->ob_type->tp_flags;
    if (flags & TPFLAGS_LONG) {
        return ((standin_long *)op)->magnitude != 0;
    }
    if (flags & (TPFLAGS_LIST | TPFLAGS_TUPLE | TPFLAGS_BYTES | TPFLAGS_UNICODE | TPFLAGS_DICT)) {
        return ((PyVarObject *)op)->ob_size != 0;
    }
    return 1;
}
int PyObject_Not(PyObject *op)
{
    return !PyObject_IsTrue(op);
}

int PyObject_IsInstance(PyObject *op, PyObject *type)
{
    return (type->ob_type->tp_flags & TPFLAGS_TYPE) &&
           PyType_IsSubtype(op->ob_type, (PyTypeObject *)type);
}
int PyCallable_Check(PyObject *op)
{
    return op != NULL && op->ob_type->tp_call != NULL;
}
