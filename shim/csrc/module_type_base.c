/* SPDX-License-Identifier: 0BSD */
/* The base of a type: the data of the type's objects lies behind what the base has, and the base ends
 * what is its own. */

#include "module_type.h"

/* An attribute of a base that is a size. -1 with an exception. */
static long pyshim_core_size_of(PyObject *base, const char *name)
{
    PyObject *size = PyObject_GetAttrString(base, name);
    long bytes = size != NULL ? PyLong_AsLong(size) : -1;
    Py_DecRef(size);
    return bytes;
}

/* Whether CPython would take the base. What is published of a type holds for ever, so a base is looked
 * at before. 0 with TypeError. */
static int pyshim_core_is_a_base(const pyshim_type *type, PyObject *base)
{
    const int may_be = PYSHIM_CORE_ID(pyshim_core_py_tpflags_basetype_id);
    if (!PyType_IsSubtype((struct _typeobject *)pyshim_core_type_of(base), &PyType_Type)) {
        PyErr_Format(PyExc_TypeError, "pyshim: the base of %s is no type", type->name);
        return 0;
    }
    if (!(PyType_GetFlags((struct _typeobject *)(void *)base) & (unsigned long)may_be)) {
        PyErr_Format(PyExc_TypeError, "pyshim: nothing may derive from the base of %s", type->name);
        return 0;
    }
    return 1;
}

/* The bytes that the objects of a base have; 0 with an exception. */
static uintptr_t pyshim_core_base_size(const pyshim_type *type, PyObject *base)
{
    long bytes, of_items = pyshim_core_size_of(base, "__itemsize__");
    if (of_items > 0) {
        PyErr_Format(PyExc_TypeError,
                     "pyshim: objects of the base of %s end with items, of which each has another "
                     "number, so nothing can lie behind them",
                     type->name);
    }
    bytes = of_items == 0 ? pyshim_core_size_of(base, "__basicsize__") : -1;
    return bytes > 0 ? (uintptr_t)bytes : 0;
}

/* The tp_dealloc of a type. The structs of a version that is no longer changed are as they were. */
static pyshim_core_dealloc pyshim_core_dealloc_of(PyObject *type)
{
    const pyshim_core_facts *facts = &pyshim_core_get()->facts;
    const int id = pyshim_core_py_tp_dealloc_id(facts->version, facts->build);
    pyshim_core_dealloc dealloc;
    void *found;
    if (pyshim_core_getslot_knows_static_types(facts->version, facts->build)
        || pyshim_core_is_heap_type(PyType_GetFlags((struct _typeobject *)(void *)type))) {
        found = PyType_GetSlot((struct _typeobject *)(void *)type, id);
        memcpy(&dealloc, &found, sizeof(dealloc));
    } else {
        memcpy(&dealloc, (const char *)type + PYSHIM_UPSTREAM_GIL_PyTypeObject_tp_dealloc,
               sizeof(dealloc));
    }
    return dealloc;
}

/* The tp_dealloc of classes of Python. NULL with an exception. */
static pyshim_core_dealloc pyshim_core_dealloc_of_classes(void)
{
    PyObject *arguments = Py_BuildValue("s(){}", "pyshim");
    PyObject *made = arguments != NULL
                         ? PyObject_CallObject((PyObject *)(void *)&PyType_Type, arguments)
                         : NULL;
    pyshim_core_dealloc dealloc = made != NULL ? pyshim_core_dealloc_of(made) : NULL;
    Py_DecRef(made);
    Py_DecRef(arguments);
    return dealloc;
}

/* What ends an object of the base, for a type that ends its own data first. That of a class of Python's
 * begins with the type of the object, whatever called it, and would call the type's again. NULL with an
 * exception. */
static pyshim_core_dealloc pyshim_core_base_dealloc(const pyshim_type *type, PyObject *base)
{
    const pyshim_core_dealloc of_classes = pyshim_core_dealloc_of_classes();
    const pyshim_core_dealloc dealloc = of_classes != NULL ? pyshim_core_dealloc_of(base) : NULL;
    if (dealloc != NULL && dealloc == of_classes) {
        PyErr_Format(PyExc_TypeError,
                     "pyshim: the base of %s ends its objects as classes of Python's do, which no "
                     "tp_dealloc can call; leave Py_tp_dealloc out, or take a base of C's that has one",
                     type->name);
        return NULL;
    }
    return dealloc;
}

/* Looks at a base, or at `object` for NULL. 0, or -1 with an exception. */
static int pyshim_core_look_at_base(pyshim_core_base *found, const pyshim_type *type, PyObject *base,
                                    int has_dealloc)
{
    memset(found, 0, sizeof(*found));
    if (base == NULL) {
        found->size = pyshim_core_head();
        return 0;
    }
    if (!pyshim_core_is_a_base(type, base)) {
        return -1;
    }
    found->size = pyshim_core_base_size(type, base);
    found->flags = PyType_GetFlags((struct _typeobject *)(void *)base);
    if (found->size != 0 && has_dealloc) {
        found->dealloc = pyshim_core_base_dealloc(type, base);
    }
    return found->size == 0 || (has_dealloc && found->dealloc == NULL) ? -1 : 0;
}

void pyshim_type_dealloc_base(const pyshim_type *type, PyObject *op)
{
    const pyshim_core_base *base = &pyshim_core_made_of(type)->base;
    PyObject *cls = (PyObject *)pyshim_core_type_of(op);
    if (base->dealloc == NULL) {
        pyshim_type_free(op);
        return;
    }
    if (pyshim_core_is_collected(base->flags)) {
        PyObject_GC_UnTrack(op); /* whether or not it was done */
        PyObject_GC_Track(op);   /* as the base expects, which may untrack without asking */
    }
    base->dealloc(op);
    if (!pyshim_core_is_heap_type(base->flags)) {
        Py_DecRef(cls); /* of which the base knows nothing */
    }
}
