/* SPDX-License-Identifier: 0BSD */
/* What is known of a pyshim_type. */
#ifndef PYSHIM_CORE_MODULE_TYPE_H
#define PYSHIM_CORE_MODULE_TYPE_H

typedef void (*pyshim_core_dealloc)(PyObject *op);

/* What has to be known of the base of a type. */
typedef struct pyshim_core_base {
    uintptr_t size;              /* bytes of its objects */
    unsigned long flags;         /* Py_TPFLAGS_* */
    pyshim_core_dealloc dealloc; /* NULL over `object`, and where the type has none itself */
} pyshim_core_base;

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

static int pyshim_core_is_collected(unsigned long flags)
{
    return (flags & (unsigned long)PYSHIM_CORE_ID(pyshim_core_py_tpflags_have_gc_id)) != 0;
}

#endif
