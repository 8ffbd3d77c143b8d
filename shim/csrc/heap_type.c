/* SPDX-License-Identifier: 0BSD */
/* Types that are made at run time, whose objects have a few pointers of ours behind their heads. */

#include "core.h"

#include <string.h> /* memcpy, memset */

/* PyType_Slot and PyType_Spec, which are there only with Python.h. */
typedef struct pyshim_core_type_slot {
    int slot;
    void *pfunc;
} pyshim_core_type_slot;

typedef struct pyshim_core_type_spec {
    const char *name;
    int basicsize;
    int itemsize;
    unsigned flags;
    pyshim_core_type_slot *slots;
} pyshim_core_type_spec;

PYSHIM_ASSERT(pyshim_core_type_slot_size,
              sizeof(pyshim_core_type_slot) == PYSHIM_UPSTREAM_GIL_PyType_Slot_SIZE,
              "pyshim_core_type_slot is PyType_Slot");
PYSHIM_ASSERT(pyshim_core_type_slot_at_pfunc,
              offsetof(pyshim_core_type_slot, pfunc) == PYSHIM_UPSTREAM_GIL_PyType_Slot_pfunc,
              "pyshim_core_type_slot has the function where PyType_Slot has it");
PYSHIM_ASSERT(pyshim_core_type_spec_size,
              sizeof(pyshim_core_type_spec) == PYSHIM_UPSTREAM_GIL_PyType_Spec_SIZE,
              "pyshim_core_type_spec is PyType_Spec");
PYSHIM_ASSERT(pyshim_core_type_spec_at_slots,
              offsetof(pyshim_core_type_spec, slots) == PYSHIM_UPSTREAM_GIL_PyType_Spec_slots,
              "pyshim_core_type_spec has the slots where PyType_Spec has them");

/* The functions of a type of ours; NULL where it has none. */
typedef struct pyshim_core_type_functions {
    PyObject *(*call)(PyObject *self, PyObject *args, PyObject *kwargs);
    void (*dealloc)(PyObject *self);
    int (*getbuffer)(PyObject *self, void *buffer, int flags);
    void (*releasebuffer)(PyObject *self, void *buffer);
} pyshim_core_type_functions;

static int pyshim_core_runs_ft(void)
{
    return pyshim_core_get()->facts.build == PYSHIM_RUNTIME_FT;
}

/* Bytes of an object's head, by which initialisation has told the builds apart. */
static size_t pyshim_core_head(void)
{
    return pyshim_core_runs_ft() ? PYSHIM_UPSTREAM_FT_PyObject_SIZE
                                 : PYSHIM_UPSTREAM_GIL_PyObject_SIZE;
}

/* The type of an object as it lies there, borrowed. */
static void *pyshim_core_read_type(PyObject *op)
{
    void *type;
    memcpy(&type,
           (const char *)op + (pyshim_core_runs_ft() ? PYSHIM_UPSTREAM_FT_PyObject_ob_type
                                                     : PYSHIM_UPSTREAM_GIL_PyObject_ob_type),
           sizeof(type));
    return type;
}

/* The type of an object, borrowed: by CPython's function where there is one, since what came before it
 * is no longer changed. */
static void *pyshim_core_type_of(PyObject *op)
{
    const pyshim_core_natives *natives = &pyshim_core_get()->natives;
    return natives->py_type != NULL ? natives->py_type(op) : pyshim_core_read_type(op);
}

/* The pointers of ours in an object. */
static void **pyshim_core_pointers(PyObject *op)
{
    return (void **)(void *)((char *)op + pyshim_core_head());
}

static pyshim_core_type_slot *pyshim_core_add_slot(pyshim_core_type_slot *slot, int id,
                                                   const void *function)
{
    void *pointer;
    memcpy(&pointer, function, sizeof(pointer));
    if (id > 0 && pointer != NULL) {
        slot->slot = id;
        slot->pfunc = pointer;
        slot++;
    }
    return slot;
}

/* Before 3.9 the numbers of these slots lead to the head of the type. The structs of a version that
 * is no longer changed are as they were. */
static void pyshim_core_set_buffer_functions(PyObject *type,
                                             const pyshim_core_type_functions *functions)
{
    char *procs;
    memcpy(&procs, (const char *)type + PYSHIM_UPSTREAM_GIL_PyTypeObject_tp_as_buffer,
           sizeof(procs));
    memcpy(procs + PYSHIM_UPSTREAM_GIL_PyBufferProcs_bf_getbuffer, &functions->getbuffer,
           sizeof(functions->getbuffer));
    memcpy(procs + PYSHIM_UPSTREAM_GIL_PyBufferProcs_bf_releasebuffer, &functions->releasebuffer,
           sizeof(functions->releasebuffer));
}

/* A type whose objects have `pointers` pointers. NULL with an exception. */
static PyObject *pyshim_core_new_type(const char *name, size_t pointers,
                                      const pyshim_core_type_functions *functions)
{
    const pyshim_core_loaded *loaded = pyshim_core_get();
    const unsigned version = loaded->facts.version, build = loaded->facts.build;
    const int getbuffer = pyshim_core_py_bf_getbuffer_id(version, build);
    pyshim_core_type_slot slots[5];
    pyshim_core_type_slot *slot = slots;
    pyshim_core_type_spec spec;
    PyObject *type;
    if (loaded->natives.pytype_fromspec == NULL) {
        pyshim_core_raise_not_exported("PyType_FromSpec");
        return NULL;
    }
    memset(slots, 0, sizeof(slots));
    memset(&spec, 0, sizeof(spec));
    slot = pyshim_core_add_slot(slot, pyshim_core_py_tp_call_id(version, build), &functions->call);
    slot = pyshim_core_add_slot(slot, pyshim_core_py_tp_dealloc_id(version, build),
                                &functions->dealloc);
    slot = pyshim_core_add_slot(slot, getbuffer, &functions->getbuffer);
    pyshim_core_add_slot(slot, pyshim_core_py_bf_releasebuffer_id(version, build),
                         &functions->releasebuffer);
    spec.name = name;
    spec.basicsize = (int)(pyshim_core_head() + pointers * sizeof(void *));
    spec.slots = slots;
    type = loaded->natives.pytype_fromspec(&spec);
    if (type == NULL && PyErr_Occurred() == NULL) {
        PyErr_NoMemory(); /* which 3.11 to 3.13 forget when there is none for the name */
    }
    if (type != NULL && getbuffer < 0 && functions->getbuffer != NULL) {
        pyshim_core_set_buffer_functions(type, functions);
    }
    return type;
}

/* An object of such a type, with zeros in it. NULL with an exception. */
static PyObject *pyshim_core_new_object(PyObject *type)
{
    return PyType_GenericAlloc((struct _typeobject *)type, 0);
}

/* The end of a tp_dealloc. */
static void pyshim_core_free_object(PyObject *op)
{
    PyObject *type = PyObject_Type(op);
    PyObject_Free(op);
    Py_DecRef(type);
    Py_DecRef(type); /* that of the object */
}

/* Calls a method, with the arguments of a tuple that this takes over, or without for NULL. NULL with an
 * exception. */
static PyObject *pyshim_core_call_method(PyObject *op, const char *name, PyObject *args)
{
    PyObject *method = PyObject_GetAttrString(op, name);
    PyObject *result = method != NULL ? PyObject_CallObject(method, args) : NULL;
    Py_DecRef(method);
    Py_DecRef(args);
    return result;
}
