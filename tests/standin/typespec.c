/* Heap types from a PyType_Spec. */
#include "standin.h"
#include <string.h> /* memcpy */

typedef struct {
    int slot;
    void *pfunc;
} PyType_Slot;
typedef struct {
    const char *name;
    int basicsize;
    int itemsize;
    unsigned flags;
    PyType_Slot *slots;
} PyType_Spec;

enum { FIRST_TP_SLOT = 47, BASES = 49, LAST_SLOT = 82 };
enum { RELATIVE_OFFSET = 8 }; /* a member's flag */

/* Where a slot's value goes, by typeslots.h's numbers from 47 on. The protocols below (numbers,
   sequences, mappings) are accepted and not used: no test computes with such an object here. */
#define AT(field) offsetof(PyTypeObject, field)
static const size_t places[LAST_SLOT - FIRST_TP_SLOT + 1] = {
    AT(tp_alloc),
    AT(tp_base),
    AT(tp_bases),
    AT(tp_call),
    AT(tp_clear),
    AT(tp_dealloc),
    AT(tp_del),
    AT(tp_descr_get),
    AT(tp_descr_set),
    AT(tp_doc),
    AT(tp_getattr),
    AT(tp_getattro),
    AT(tp_hash),
    AT(tp_init),
    AT(tp_is_gc),
    AT(tp_iter),
    AT(tp_iternext),
    AT(tp_methods),
    AT(tp_new),
    AT(tp_repr),
    AT(tp_richcompare),
    AT(tp_setattr),
    AT(tp_setattro),
    AT(tp_str),
    AT(tp_traverse),
    AT(tp_members),
    AT(tp_getset),
    AT(tp_free),
    0,
    0,
    0,
    0,
    0,
    AT(tp_finalize),
    0,
    AT(tp_vectorcall),
};

static int fill(PyTypeObject *type, const PyType_Slot *slot)
{
    for (; slot->slot != 0; slot++) {
        if (slot->slot < 0 || slot->slot > LAST_SLOT) {
            PyErr_SetString(PyExc_RuntimeError, "invalid slot offset");
            return -1;
        }
        size_t place = slot->slot >= FIRST_TP_SLOT ? places[slot->slot - FIRST_TP_SLOT] : 0;
        if (place != 0 && slot->slot != BASES) {
            memcpy((char *)type + place, &slot->pfunc, sizeof(slot->pfunc));
        }
    }
    return 0;
}

/* A type's own data begins after its base's, at the next boundary for any type. */
static Py_ssize_t data_offset(PyTypeObject *type)
{
    return (type->tp_base->tp_basicsize + 15) & ~(Py_ssize_t)15;
}

static int set_sizes(PyTypeObject *type, const PyType_Spec *spec)
{
    type->tp_itemsize = spec->itemsize;
    if (spec->basicsize >= 0) {
        type->tp_basicsize = spec->basicsize;
        return 0;
    }
    if (standin.minor < 12) {
        PyErr_SetString(PyExc_SystemError, "a negative basicsize is for 3.12 and later");
        return -1;
    }
    type->tp_basicsize = data_offset(type) + ((-spec->basicsize + 15) & ~15);
    for (PyMemberDef *m = type->tp_members; m != NULL && m->name != NULL; m++) {
        if (m->flags & RELATIVE_OFFSET) {
            m->offset += data_offset(type);
            m->flags &= ~RELATIVE_OFFSET;
        }
    }
    return 0;
}

/* Where no tp_dealloc is given: the base's, and the reference that the instance has to its type. */
static void heap_dealloc(PyObject *op)
{
    PyTypeObject *base = op->ob_type->tp_base;
    while (base->tp_dealloc == heap_dealloc) {
        base = base->tp_base;
    }
    base->tp_dealloc(op);
}

PyObject *PyType_FromMetaclass(UNUSED PyTypeObject *meta, PyObject *module, const PyType_Spec *spec,
                               PyObject *bases)
{
    standin_heap_type *heap = (standin_heap_type *)PyType_GenericAlloc(&PyType_Type, 0);
    if (heap == NULL) {
        return NULL;
    }
    PyTypeObject *type = &heap->type;
    size_t n = strlen(spec->name) + 1;
    heap->name = PyObject_Malloc(n);
    if (heap->name == NULL) {
        return PyErr_NoMemory();
    }
    memcpy(heap->name, spec->name, n);
    type->tp_name = heap->name;
    type->tp_flags = spec->flags | TPFLAGS_HEAPTYPE;
    if (bases != NULL) {
        type->tp_base =
            (PyTypeObject *)((bases->ob_type->tp_flags & TPFLAGS_TUPLE) ? PyTuple_GetItem(bases, 0)
                                                                        : bases);
    }
    if (fill(type, spec->slots) < 0) {
        return NULL;
    }
    if (type->tp_base == NULL) {
        type->tp_base = &PyBaseObject_Type;
    }
    if (type->tp_dealloc == NULL) {
        type->tp_dealloc = heap_dealloc;
    }
    if (set_sizes(type, spec) < 0 || PyType_Ready(type) < 0) {
        return NULL;
    }
    const char *dot = strrchr(heap->name, '.');
    if (dot != NULL) {
        PyObject *name = PyUnicode_FromStringAndSize(heap->name, dot - heap->name);
        if (standin_dict_add(type->tp_dict, "__module__", name) < 0) {
            return NULL;
        }
    }
    heap->module = standin_new_ref(module);
    return (PyObject *)heap;
}

PyObject *PyType_FromModuleAndSpec(PyObject *module, PyType_Spec *spec, PyObject *bases)
{
    return PyType_FromMetaclass(NULL, module, spec, bases);
}
PyObject *PyType_FromSpecWithBases(PyType_Spec *spec, PyObject *bases)
{
    return PyType_FromMetaclass(NULL, NULL, spec, bases);
}
PyObject *PyType_FromSpec(PyType_Spec *spec)
{
    return PyType_FromMetaclass(NULL, NULL, spec, NULL);
}

void *PyType_GetSlot(PyTypeObject *type, int slot)
{
    if (slot < FIRST_TP_SLOT || slot > LAST_SLOT || places[slot - FIRST_TP_SLOT] == 0) {
        return NULL;
    }
    void *value;
    memcpy(&value, (char *)type + places[slot - FIRST_TP_SLOT], sizeof(value));
    return value;
}

PyObject *PyType_GetModule(PyTypeObject *type)
{
    if (!(type->tp_flags & TPFLAGS_HEAPTYPE) || ((standin_heap_type *)type)->module == NULL) {
        return PyErr_Format(PyExc_TypeError, "PyType_GetModule: Type '%s' has no associated module",
                            type->tp_name);
    }
    return ((standin_heap_type *)type)->module;
}
void *PyModule_GetState(PyObject *op);
void *PyType_GetModuleState(PyTypeObject *type)
{
    PyObject *module = PyType_GetModule(type);
    return module == NULL ? NULL : PyModule_GetState(module);
}
PyObject *PyType_GetModuleByDef(PyTypeObject *type, PyModuleDef *def)
{
    for (; type != NULL; type = type->tp_base) {
        PyObject *module =
            (type->tp_flags & TPFLAGS_HEAPTYPE) ? ((standin_heap_type *)type)->module : NULL;
        if (module != NULL && ((standin_module *)module)->def == def) {
            return module;
        }
    }
    return PyErr_Format(PyExc_TypeError,
                        "PyType_GetModuleByDef: No superclass has the given module");
}

void *PyObject_GetTypeData(PyObject *op, PyTypeObject *type)
{
    return (char *)op + data_offset(type);
}
Py_ssize_t PyType_GetTypeDataSize(PyTypeObject *type)
{
    Py_ssize_t n = type->tp_basicsize - data_offset(type);
    return n < 0 ? 0 : n;
}
