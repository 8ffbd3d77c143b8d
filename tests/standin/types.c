/* Types: what they inherit, how instances are made and freed, and how attributes are found.
   One base at most. */
#include "standin.h"
#include <stdlib.h> /* calloc */
#include <string.h> /* strrchr */

int PyType_IsSubtype(PyTypeObject *a, PyTypeObject *b)
{
    while (a != NULL && a != b) {
        a = a->tp_base;
    }
    return a == b;
}

unsigned long PyType_GetFlags(PyTypeObject *type)
{
    return type->tp_flags;
}

/* Borrowed. */
PyObject *standin_type_lookup(PyTypeObject *type, PyObject *name)
{
    for (; type != NULL; type = type->tp_base) {
        PyObject *found = type->tp_dict == NULL ? NULL : PyDict_GetItem(type->tp_dict, name);
        if (found != NULL) {
            return found;
        }
    }
    return NULL;
}

PyObject *PyType_GenericAlloc(PyTypeObject *type, Py_ssize_t n_items)
{
    PyObject *op = calloc(1, (size_t)(type->tp_basicsize + type->tp_itemsize * (n_items + 1)));
    if (op == NULL) {
        return PyErr_NoMemory();
    }
    standin_init_object(op, type);
    if (type->tp_itemsize != 0) {
        ((PyVarObject *)op)->ob_size = n_items;
    }
    return op;
}

PyObject *PyType_GenericNew(PyTypeObject *type, UNUSED PyObject *args, UNUSED PyObject *kwargs)
{
    return type->tp_alloc(type, 0);
}

void standin_object_dealloc(PyObject *op)
{
    PyTypeObject *type = op->ob_type;
    type->tp_free(op);
    if (type->tp_flags & TPFLAGS_HEAPTYPE) {
        Py_DecRef((PyObject *)type);
    }
}

#define INHERIT(field)                                                                             \
    if (type->field == 0) {                                                                        \
        type->field = base->field;                                                                 \
    }

static void inherit(PyTypeObject *type, PyTypeObject *base)
{
    INHERIT(tp_basicsize)
    INHERIT(tp_itemsize)
    INHERIT(tp_dealloc)
    INHERIT(tp_repr)
    INHERIT(tp_hash)
    INHERIT(tp_call)
    INHERIT(tp_str)
    INHERIT(tp_getattro)
    INHERIT(tp_setattro)
    INHERIT(tp_richcompare)
    INHERIT(tp_iter)
    INHERIT(tp_iternext)
    INHERIT(tp_dictoffset)
    INHERIT(tp_init)
    INHERIT(tp_alloc)
    INHERIT(tp_free)
    if (base != &PyBaseObject_Type || (type->tp_flags & TPFLAGS_HEAPTYPE)) {
        INHERIT(tp_new)
    }
    unsigned long kinds = TPFLAGS_LONG | TPFLAGS_LIST | TPFLAGS_TUPLE | TPFLAGS_BYTES |
                          TPFLAGS_UNICODE | TPFLAGS_DICT | TPFLAGS_EXCEPTION | TPFLAGS_TYPE;
    type->tp_flags |= base->tp_flags & kinds;
}

int PyType_Ready(PyTypeObject *type)
{
    if (type->tp_flags & TPFLAGS_READY) {
        return 0;
    }
    if (type->ob_base.ob_base.ob_type == NULL) {
        type->ob_base.ob_base.ob_type = &PyType_Type;
    }
    if (type->tp_base == NULL && type != &PyBaseObject_Type) {
        type->tp_base = &PyBaseObject_Type;
    }
    if (type->tp_base != NULL) {
        if (PyType_Ready(type->tp_base) < 0) {
            return -1;
        }
        inherit(type, type->tp_base);
        if (type->tp_flags & TPFLAGS_HEAPTYPE) {
            Py_IncRef((PyObject *)type->tp_base);
        }
    }
    type->tp_flags |= TPFLAGS_READY;
    if (type->tp_dict == NULL && (type->tp_dict = PyDict_New()) == NULL) {
        return -1;
    }
    return standin_add_descriptors(type);
}

void standin_ready_static(PyTypeObject *type)
{
    standin_init_static((PyObject *)type, &PyType_Type);
    if (PyType_Ready(type) < 0) {
        _Py_FatalErrorFunc("standin_ready_static", type->tp_name);
    }
}

static void type_dealloc(PyObject *op)
{
    standin_heap_type *heap = (standin_heap_type *)op;
    if (!(heap->type.tp_flags & TPFLAGS_HEAPTYPE)) {
        _Py_FatalErrorFunc("type_dealloc", "a static type is deallocated");
    }
    Py_DecRef(heap->type.tp_dict);
    Py_DecRef((PyObject *)heap->type.tp_base);
    Py_DecRef(heap->module);
    PyObject_Free(heap->name);
    PyObject_Free(op);
}

static PyObject *type_call(PyObject *op, PyObject *args, PyObject *kwargs)
{
    PyTypeObject *type = (PyTypeObject *)op;
    if (type == &PyType_Type && PyTuple_Size(args) == 1) {
        return standin_new_ref((PyObject *)PyTuple_GetItem(args, 0)->ob_type);
    }
    if (type->tp_new == NULL) {
        return PyErr_Format(PyExc_TypeError, "cannot create '%s' instances", type->tp_name);
    }
    PyObject *made = type->tp_new(type, args, kwargs);
    if (made != NULL && PyType_IsSubtype(made->ob_type, type) && made->ob_type->tp_init != NULL &&
        made->ob_type->tp_init(made, args, kwargs) < 0) {
        Py_DecRef(made);
        return NULL;
    }
    return made;
}

static const char *last_part(PyTypeObject *type)
{
    const char *dot = strrchr(type->tp_name, '.');
    return dot != NULL ? dot + 1 : type->tp_name;
}

static PyObject *type_repr(PyObject *op)
{
    return PyUnicode_FromFormat("<class '%s'>", ((PyTypeObject *)op)->tp_name);
}

/* The metatype's data descriptors, then the type's own names, then the metatype's others. */
static PyObject *type_getattro(PyObject *op, PyObject *name)
{
    PyTypeObject *type = (PyTypeObject *)op;
    PyObject *meta = standin_type_lookup(op->ob_type, name);
    if (meta != NULL && meta->ob_type->tp_descr_set != NULL) {
        return meta->ob_type->tp_descr_get(meta, op, (PyObject *)op->ob_type);
    }
    PyObject *own = standin_type_lookup(type, name);
    if (own != NULL) {
        return own->ob_type->tp_descr_get != NULL ? own->ob_type->tp_descr_get(own, NULL, op)
                                                  : standin_new_ref(own);
    }
    if (meta != NULL) {
        return meta->ob_type->tp_descr_get != NULL
                   ? meta->ob_type->tp_descr_get(meta, op, (PyObject *)op->ob_type)
                   : standin_new_ref(meta);
    }
    return PyErr_Format(PyExc_AttributeError, "type object '%s' has no attribute '%U'",
                        type->tp_name, name);
}

static int type_setattro(PyObject *op, PyObject *name, PyObject *value)
{
    PyTypeObject *type = (PyTypeObject *)op;
    if (!(type->tp_flags & TPFLAGS_HEAPTYPE)) {
        PyErr_Format(PyExc_TypeError, "cannot set '%U' attribute of immutable type '%s'", name,
                     type->tp_name);
        return -1;
    }
    return value != NULL ? PyDict_SetItem(type->tp_dict, name, value)
                         : PyDict_DelItem(type->tp_dict, name);
}

static Py_ssize_t basicsize(PyTypeObject *type)
{
    return type == &PyBaseObject_Type ? standin.object_basicsize : type->tp_basicsize;
}

static PyObject *get_basicsize(PyObject *op, UNUSED void *closure)
{
    return PyLong_FromSsize_t(basicsize((PyTypeObject *)op));
}
static PyObject *get_itemsize(PyObject *op, UNUSED void *closure)
{
    return PyLong_FromSsize_t(((PyTypeObject *)op)->tp_itemsize);
}
static PyObject *get_name(PyObject *op, UNUSED void *closure)
{
    return PyUnicode_FromString(last_part((PyTypeObject *)op));
}
static PyObject *get_base(PyObject *op, UNUSED void *closure)
{
    PyTypeObject *base = ((PyTypeObject *)op)->tp_base;
    return standin_new_ref(base != NULL ? (PyObject *)base : &_Py_NoneStruct);
}
static PyGetSetDef type_getset[] = {
    {"__basicsize__", get_basicsize, NULL, NULL, NULL},
    {"__itemsize__", get_itemsize, NULL, NULL, NULL},
    {"__name__", get_name, NULL, NULL, NULL},
    {"__qualname__", get_name, NULL, NULL, NULL},
    {"__base__", get_base, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyObject *PyType_GetName(PyTypeObject *type)
{
    return PyUnicode_FromString(last_part(type));
}
PyObject *PyType_GetQualName(PyTypeObject *type)
{
    return PyUnicode_FromString(last_part(type));
}

PyTypeObject PyType_Type = {
    .tp_name = "type",
    .tp_basicsize = sizeof(standin_heap_type),
    .tp_flags = TPFLAGS_DEFAULT | TPFLAGS_BASETYPE | TPFLAGS_TYPE,
    .tp_dealloc = type_dealloc,
    .tp_call = type_call,
    .tp_repr = type_repr,
    .tp_getattro = type_getattro,
    .tp_setattro = type_setattro,
    .tp_getset = type_getset,
};

static PyObject *object_repr(PyObject *op)
{
    return PyUnicode_FromFormat("<%s object at %p>", op->ob_type->tp_name, (void *)op);
}
static PyObject *object_sizeof(PyObject *op, UNUSED PyObject *args)
{
    return PyLong_FromSsize_t(basicsize(op->ob_type));
}
static PyObject *object_get_class(PyObject *op, UNUSED void *closure)
{
    return standin_new_ref((PyObject *)op->ob_type);
}
static PyMethodDef object_methods[] = {
    {"__sizeof__", object_sizeof, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};
static PyGetSetDef object_getset[] = {
    {"__class__", object_get_class, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject PyBaseObject_Type = {
    .tp_name = "object",
    .tp_basicsize = sizeof(PyObject),
    .tp_flags = TPFLAGS_DEFAULT | TPFLAGS_BASETYPE,
    .tp_dealloc = standin_object_dealloc,
    .tp_repr = object_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = PyType_GenericNew,
    .tp_free = PyObject_Free,
    .tp_methods = object_methods,
    .tp_getset = object_getset,
};

void standin_types_ready(void)
{
    static PyTypeObject *const types[] = {
        &PyBaseObject_Type,  &PyType_Type,      &PyUnicode_Type,     &PyDict_Type,
        &PyLong_Type,        &PyBool_Type,      &PyBytes_Type,       &PyTuple_Type,
        &PyList_Type,        &PyCFunction_Type, &PyMethodDescr_Type, &PyGetSetDescr_Type,
        &PyMemberDescr_Type, &PyModule_Type,    &PyModuleDef_Type,   &standin_namespace_type,
        &standin_none_type,
    };
    /* Descriptors are objects of types further down the list: their heads come first. */
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
        standin_init_static((PyObject *)types[i], &PyType_Type);
        types[i]->tp_flags |= TPFLAGS_DEFAULT;
        if (types[i]->tp_alloc == NULL) {
            types[i]->tp_alloc = PyType_GenericAlloc;
            types[i]->tp_free = PyObject_Free;
        }
    }
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
        if (PyType_Ready(types[i]) < 0) {
            _Py_FatalErrorFunc("standin_types_ready", types[i]->tp_name);
        }
    }
    standin_init_static(&_Py_NoneStruct, &standin_none_type);
    standin_longs_ready();
    standin_exceptions_ready();
}
