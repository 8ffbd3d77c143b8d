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
    if (!pyshim_core_is_a_class(base)) {
        PyErr_Format(PyExc_TypeError, "pyshim: the base of %s is no type", type->name);
        return 0;
    }
    if (pyshim_core_type_of(base) != (void *)&PyType_Type) {
        PyErr_Format(PyExc_TypeError,
                     "pyshim: the base of %s has a metaclass of its own, which older CPythons "
                     "would leave out, and newer ones may refuse",
                     type->name);
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

/* A function of a type, by the number of its slot and its place in the struct. The structs of a version that
 * is no longer changed are as they were. */
static void *pyshim_core_function_of(PyObject *type, int id, size_t place)
{
    const pyshim_core_facts *facts = &pyshim_core_get()->facts;
    void *found;
    if (pyshim_core_getslot_knows_static_types(facts->version, facts->build)
        || pyshim_core_is_heap_type(PyType_GetFlags((struct _typeobject *)(void *)type))) {
        return PyType_GetSlot((struct _typeobject *)(void *)type, id);
    }
    memcpy(&found, (const char *)type + place, sizeof(found));
    return found;
}

static pyshim_core_dealloc pyshim_core_dealloc_of(PyObject *type)
{
    void *found = pyshim_core_function_of(type, PYSHIM_CORE_ID(pyshim_core_py_tp_dealloc_id),
                                          PYSHIM_UPSTREAM_GIL_PyTypeObject_tp_dealloc);
    pyshim_core_dealloc dealloc;
    memcpy(&dealloc, &found, sizeof(dealloc));
    return dealloc;
}

static pyshim_core_ends pyshim_core_ends_of(PyObject *type)
{
    void *traverse = pyshim_core_function_of(type, PYSHIM_CORE_ID(pyshim_core_py_tp_traverse_id),
                                             PYSHIM_UPSTREAM_GIL_PyTypeObject_tp_traverse);
    void *clear = pyshim_core_function_of(type, PYSHIM_CORE_ID(pyshim_core_py_tp_clear_id),
                                          PYSHIM_UPSTREAM_GIL_PyTypeObject_tp_clear);
    pyshim_core_ends ends;
    ends.dealloc = pyshim_core_dealloc_of(type);
    memcpy(&ends.traverse, &traverse, sizeof(traverse));
    memcpy(&ends.clear, &clear, sizeof(clear));
    return ends;
}

/* The functions of classes of Python. 0, or -1 with an exception. */
static int pyshim_core_ends_of_classes(pyshim_core_ends *ends)
{
    PyObject *arguments = Py_BuildValue("s(){}", "pyshim");
    PyObject *made = arguments != NULL
                         ? PyObject_CallObject((PyObject *)(void *)&PyType_Type, arguments)
                         : NULL;
    if (made != NULL) {
        *ends = pyshim_core_ends_of(made);
    }
    Py_DecRef(made);
    Py_DecRef(arguments);
    return made != NULL ? 0 : -1;
}

/* The functions of a base, for a type that has such functions itself and calls them. Those of a class of
 * Python's begin with the type of the object, whatever called them, and would call the type's again. 0, or -1
 * with an exception. */
static int pyshim_core_base_ends(pyshim_core_ends *ends, const pyshim_type *type, PyObject *base,
                                 const pyshim_core_said *said)
{
    const pyshim_core_ends none = {NULL, NULL, NULL};
    pyshim_core_ends of_classes;
    *ends = none;
    if (said->dealloc == NULL && !said->has_visit) {
        return 0;
    }
    if (pyshim_core_ends_of_classes(&of_classes) < 0) {
        return -1;
    }
    *ends = pyshim_core_ends_of(base);
    if (said->dealloc == NULL) {
        ends->dealloc = NULL;
    } else if (ends->dealloc == of_classes.dealloc) {
        PyErr_Format(PyExc_TypeError,
                     "pyshim: the base of %s ends its objects as classes of Python's do, which no "
                     "tp_dealloc can call; leave Py_tp_dealloc out, or take a base of C's that has one",
                     type->name);
        return -1;
    }
    if (!said->has_visit) {
        ends->traverse = NULL;
        ends->clear = NULL;
    } else if (ends->traverse == of_classes.traverse || ends->clear == of_classes.clear) {
        PyErr_Format(PyExc_TypeError,
                     "pyshim: the base of %s shows what its objects have as classes of Python's do, "
                     "which no tp_traverse or tp_clear can call; leave Py_tp_traverse and Py_tp_clear "
                     "out, or take a base of C's",
                     type->name);
        return -1;
    }
    return 0;
}

/* Looks at a base, or at `object` for NULL. 0, or -1 with an exception. */
static int pyshim_core_look_at_base(pyshim_core_base *found, const pyshim_type *type, PyObject *base,
                                    const pyshim_core_said *said)
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
    return found->size != 0 ? pyshim_core_base_ends(&found->ends, type, base, said) : -1;
}

void pyshim_type_dealloc_base(const pyshim_type *type, PyObject *op)
{
    const pyshim_core_base *base = &pyshim_core_made_of(type)->base;
    PyObject *cls = (PyObject *)pyshim_core_type_of(op);
    if (base->ends.dealloc == NULL) {
        pyshim_type_free(op);
        return;
    }
    if (pyshim_core_is_collected(base->flags)) {
        PyObject_GC_UnTrack(op); /* whether or not it was done */
        PyObject_GC_Track(op);   /* as the base expects, which may untrack without asking */
    }
    base->ends.dealloc(op);
    if (!pyshim_core_is_heap_type(base->flags)) {
        Py_DecRef(cls); /* of which the base knows nothing */
    }
}

/* An object has one reference to its type, which whatever heap type is the first base visits. */
int pyshim_type_traverse_base_by(const pyshim_type *type, PyObject *op, uintptr_t visit, void *arg)
{
    const pyshim_core_base *base = &pyshim_core_made_of(type)->base;
    PyObject *cls;
    pyshim_core_visit function;
    int result;
    memcpy(&function, &visit, sizeof(function));
    if (base->ends.traverse != NULL) {
        result = base->ends.traverse(op, function, arg);
        if (result != 0 || pyshim_core_is_heap_type(base->flags)) {
            return result;
        }
    }
    cls = pyshim_type_visited(op);
    return cls != NULL ? function(cls, arg) : 0;
}

int pyshim_type_clear_base(const pyshim_type *type, PyObject *op)
{
    const pyshim_core_clear clear = pyshim_core_made_of(type)->base.ends.clear;
    return clear != NULL ? clear(op) : 0;
}
