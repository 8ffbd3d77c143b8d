/* SPDX-License-Identifier: 0BSD */
/* What is known of a pyshim_type. */
#ifndef PYSHIM_CORE_MODULE_TYPE_H
#define PYSHIM_CORE_MODULE_TYPE_H

typedef void (*pyshim_core_dealloc)(PyObject *op);
typedef int (*pyshim_core_visit)(PyObject *op, void *arg);
typedef int (*pyshim_core_traverse)(PyObject *op, pyshim_core_visit visit, void *arg);
typedef int (*pyshim_core_clear)(PyObject *op);

/* What ends an object of a type, and what shows a collector the objects that it has. */
typedef struct pyshim_core_ends {
    pyshim_core_dealloc dealloc;
    pyshim_core_traverse traverse;
    pyshim_core_clear clear;
} pyshim_core_ends;

/* What has to be known of the base of a type. */
typedef struct pyshim_core_base {
    uintptr_t size;        /* bytes of its objects */
    unsigned long flags;   /* Py_TPFLAGS_* */
    pyshim_core_ends ends; /* NULL over `object`, and where the type has none itself to call them */
} pyshim_core_base;

/* What the slots of a type say that decides about the rest. */
typedef struct pyshim_core_said {
    size_t count;
    const char *members; /* NULL without any */
    pyshim_core_dealloc dealloc; /* the same */
    int has_visit, has_memory;
} pyshim_core_said;

/* What is made of a pyshim_type, once, in one block that is published and never written again. */
typedef struct pyshim_core_made_type {
    uintptr_t offset; /* of the data in an object; first, for pyshim_type_data */
    const void *token; /* of the module; NULL where that is not one of ours */
    pyshim_core_base base;
    pyshim_core_dealloc dealloc; /* NULL where no slot sets it */
    pyshim_core_type_functions functions; /* the buffer functions, where no slot sets them */
    pyshim_core_type_slot *slots;
} pyshim_core_made_type;

/* The alignment that CPython gives objects. */
#define PYSHIM_CORE_ALIGNMENT (2 * sizeof(void *))

/* The block of a type; NULL before it is made. */
static const pyshim_core_made_type *pyshim_core_made_of(const pyshim_type *type)
{
    return (const pyshim_core_made_type *)pyshim_core_slots_current(
        (void *const *)(const void *)&type->made);
}

/* The number that a flag or slot has which all CPythons number alike. */
#define PYSHIM_CORE_ID(name) name(PYSHIM_CORE_NEWEST, PYSHIM_RUNTIME_GIL)

/* Whether a type was made at run time. */
static int pyshim_core_is_heap_type(unsigned long flags)
{
    return (flags & (unsigned long)PYSHIM_CORE_ID(pyshim_core_py_tpflags_heaptype_id)) != 0;
}

/* Whether an object is a class. */
static int pyshim_core_is_a_class(PyObject *op)
{
    void *type = pyshim_core_type_of(op);
    return type == (void *)&PyType_Type
           || PyType_IsSubtype((struct _typeobject *)type, &PyType_Type);
}

static int pyshim_core_is_collected(unsigned long flags)
{
    return (flags & (unsigned long)PYSHIM_CORE_ID(pyshim_core_py_tpflags_have_gc_id)) != 0;
}

#endif
