/* SPDX-License-Identifier: 0BSD */
/* Types of a pyshim_type: the data of an object lies behind what the base has, wherever that ends in
 * the running CPython. */

#include "module_type.h"

typedef int (*pyshim_core_id_of)(unsigned version, unsigned build);

/* Whether a slot of the headers, whichever they were, is this one. */
static int pyshim_core_is_slot(int id, pyshim_core_id_of id_of)
{
    unsigned version;
    int is_it = 0;
    for (version = PYSHIM_CORE_OLDEST; version <= PYSHIM_CORE_NEWEST; version++) {
        is_it |= id == id_of(version, PYSHIM_RUNTIME_GIL);
    }
    return is_it && id >= 0;
}

/* A base that a slot gives would be found too late to know where the data lies. */
static int pyshim_core_is_base(int id)
{
    return pyshim_core_is_slot(id, pyshim_core_py_tp_base_id)
           || pyshim_core_is_slot(id, pyshim_core_py_tp_bases_id);
}

static int pyshim_core_is_getbuffer(int id)
{
    return id == PYSHIM_BF_GETBUFFER || pyshim_core_is_slot(id, pyshim_core_py_bf_getbuffer_id);
}

static int pyshim_core_is_releasebuffer(int id)
{
    return id == PYSHIM_BF_RELEASEBUFFER
           || pyshim_core_is_slot(id, pyshim_core_py_bf_releasebuffer_id);
}

/* The number that a slot of the headers has in the running CPython; -1 where it has none. */
static int pyshim_core_type_slot_id(int id)
{
    static const pyshim_core_id_of changed[] = {
        pyshim_core_py_mp_ass_subscript_id, pyshim_core_py_mp_length_id, pyshim_core_py_am_send_id,
        pyshim_core_py_tp_vectorcall_id, pyshim_core_py_tp_token_id};
    const unsigned version = pyshim_core_get()->facts.version, runs = pyshim_core_get()->facts.build;
    size_t i;
    if (pyshim_core_is_getbuffer(id)) {
        return pyshim_core_py_bf_getbuffer_id(version, runs);
    }
    if (pyshim_core_is_releasebuffer(id)) {
        return pyshim_core_py_bf_releasebuffer_id(version, runs);
    }
    for (i = 0; i < sizeof(changed) / sizeof(changed[0]); i++) {
        if (pyshim_core_is_slot(id, changed[i])) {
            return changed[i](version, runs);
        }
    }
    return id;
}

/* Notes a buffer function that no slot of the running CPython takes. */
static void pyshim_core_note_function(pyshim_core_made_type *made,
                                      const pyshim_core_type_slot *slot)
{
    if (pyshim_core_is_getbuffer(slot->slot)) {
        memcpy(&made->functions.getbuffer, &slot->pfunc, sizeof(slot->pfunc));
    } else if (pyshim_core_is_releasebuffer(slot->slot)) {
        memcpy(&made->functions.releasebuffer, &slot->pfunc, sizeof(slot->pfunc));
    }
}

/* The members of a type, in number; 0 for none. */
static size_t pyshim_core_count_members(const char *members)
{
    size_t count = 0;
    const char *name;
    if (members == NULL) {
        return 0;
    }
    for (;; count++) {
        memcpy(&name, members + count * PYSHIM_UPSTREAM_GIL_PyMemberDef_SIZE, sizeof(name));
        if (name == NULL) {
            return count;
        }
    }
}

/* Copies members, which say where they are in the data, as ones that say where in the object. */
static void pyshim_core_move_members(char *to, const char *from, size_t count, uintptr_t offset)
{
    const size_t size = PYSHIM_UPSTREAM_GIL_PyMemberDef_SIZE;
    size_t i;
    memcpy(to, from, (count + 1) * size);
    for (i = 0; i < count; i++) {
        char *at = to + i * size + PYSHIM_UPSTREAM_GIL_PyMemberDef_offset;
        uintptr_t within;
        memcpy(&within, at, sizeof(within));
        within += offset;
        memcpy(at, &within, sizeof(within));
    }
}

/* Reads what decides about the rest. 0, or -1 with SystemError for what a slot cannot say. */
static int pyshim_core_read_slots(pyshim_core_said *said, const pyshim_type *type)
{
    const pyshim_core_type_slot *slot = (const pyshim_core_type_slot *)type->slots;
    memset(said, 0, sizeof(*said));
    for (; slot->slot != 0; slot++, said->count++) {
        if (pyshim_core_is_base(slot->slot)) {
            PyErr_Format(PyExc_SystemError,
                         "pyshim: a slot of %s gives a base; give it to pyshim_type_new", type->name);
            return -1;
        }
        if (slot->slot == PYSHIM_CORE_ID(pyshim_core_py_tp_members_id)) {
            said->members = (const char *)slot->pfunc;
        } else if (slot->slot == PYSHIM_CORE_ID(pyshim_core_py_tp_dealloc_id)) {
            memcpy(&said->dealloc, &slot->pfunc, sizeof(slot->pfunc));
        } else if (slot->slot == PYSHIM_CORE_ID(pyshim_core_py_tp_traverse_id)
                   || slot->slot == PYSHIM_CORE_ID(pyshim_core_py_tp_clear_id)) {
            said->has_visit = 1;
        } else if (slot->slot == PYSHIM_CORE_ID(pyshim_core_py_tp_alloc_id)
                   || slot->slot == PYSHIM_CORE_ID(pyshim_core_py_tp_free_id)) {
            said->has_memory = 1;
        }
    }
    return 0;
}

/* Appends the functions that make room for an object of the type's size and give it back, as classes of
 * Python have them: those that a base hands down may make room for an object of the base. */
static void pyshim_core_add_memory(pyshim_core_type_slot *slot, const pyshim_type *type,
                                   const pyshim_core_base *base, const pyshim_core_said *said)
{
    PyObject *(*const alloc)(struct _typeobject *, Py_ssize_t) = PyType_GenericAlloc;
    /* A type that says nothing of it is collected as the base is. */
    const int is_collected = pyshim_core_is_collected(type->flags)
                             || (pyshim_core_is_collected(base->flags) && !said->has_visit);
    void (*const release)(void *) = is_collected ? PyObject_GC_Del : PyObject_Free;
    slot = pyshim_core_add_slot(slot, PYSHIM_CORE_ID(pyshim_core_py_tp_alloc_id), &alloc);
    pyshim_core_add_slot(slot, PYSHIM_CORE_ID(pyshim_core_py_tp_free_id), &release);
}

/* The slots that one may add, and the one that ends them. */
#define PYSHIM_CORE_MORE_SLOTS 3

/* Makes the block. NULL with MemoryError. */
static pyshim_core_made_type *pyshim_core_make_type(const pyshim_type *type, uintptr_t offset,
                                                    const pyshim_core_base *base,
                                                    const pyshim_core_said *said, const void *token)
{
    const pyshim_core_type_slot *slots = (const pyshim_core_type_slot *)type->slots;
    const int members_id = PYSHIM_CORE_ID(pyshim_core_py_tp_members_id);
    const size_t n_members = pyshim_core_count_members(said->members);
    pyshim_core_made_type *made = (pyshim_core_made_type *)calloc(
        1, sizeof(*made) + (said->count + PYSHIM_CORE_MORE_SLOTS) * sizeof(*slots)
               + (n_members + 1) * PYSHIM_UPSTREAM_GIL_PyMemberDef_SIZE);
    char *moved;
    pyshim_core_type_slot *slot;
    size_t i;
    if (made == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    made->offset = offset;
    made->token = token;
    made->base = *base;
    made->dealloc = said->dealloc;
    made->slots = slot = (pyshim_core_type_slot *)(void *)(made + 1);
    moved = (char *)(slot + said->count + PYSHIM_CORE_MORE_SLOTS);
    if (said->members != NULL) {
        pyshim_core_move_members(moved, said->members, n_members, offset);
    }
    for (i = 0; i < said->count; i++) {
        int id = pyshim_core_type_slot_id(slots[i].slot);
        if (id < 0) {
            pyshim_core_note_function(made, &slots[i]);
            continue;
        }
        slot->slot = id;
        slot->pfunc = id == members_id ? moved : slots[i].pfunc;
        slot++;
    }
    if (base->flags != 0 && !said->has_memory) {
        pyshim_core_add_memory(slot, type, base, said);
    }
    return made;
}

/* Whether a type can be over this base, too. 0 with SystemError. */
static int pyshim_core_fits(const pyshim_core_made_type *made, const pyshim_type *type,
                            uintptr_t offset, const pyshim_core_base *base)
{
    if (made->offset != offset) {
        PyErr_Format(PyExc_SystemError,
                     "pyshim: the data of %s is at %u in objects of this base, and at %u in those "
                     "of the first",
                     type->name, (unsigned)offset, (unsigned)made->offset);
        return 0;
    }
    if (made->base.ends.dealloc != base->ends.dealloc
        || made->base.ends.traverse != base->ends.traverse
        || made->base.ends.clear != base->ends.clear
        || pyshim_core_is_collected(made->base.flags) != pyshim_core_is_collected(base->flags)) {
        PyErr_Format(PyExc_SystemError,
                     "pyshim: the base of %s ends its objects otherwise than the first one",
                     type->name);
        return 0;
    }
    return 1;
}

/* The first place from a place on that is aligned. */
static uintptr_t pyshim_core_aligned(uintptr_t place, uintptr_t alignment)
{
    return (place + alignment - 1) / alignment * alignment;
}

/* The block of a type over a base. NULL with an exception. */
static const pyshim_core_made_type *pyshim_core_type_made(pyshim_type *type, PyObject *over,
                                                          const void *token)
{
    void **place = (void **)(void *)&type->made;
    pyshim_core_made_type *made, *fresh;
    pyshim_core_said said;
    pyshim_core_base base;
    uintptr_t offset;
    if (pyshim_core_read_slots(&said, type) < 0
        || pyshim_core_look_at_base(&base, type, over, &said) < 0) {
        return NULL;
    }
    offset = pyshim_core_aligned(base.size, PYSHIM_CORE_ALIGNMENT);
    made = (pyshim_core_made_type *)pyshim_core_slots_current(place);
    if (made == NULL) {
        fresh = pyshim_core_make_type(type, offset, &base, &said, token);
        if (fresh == NULL) {
            return NULL;
        }
        made = (pyshim_core_made_type *)pyshim_core_slots_publish(place, NULL, fresh);
        if (made != fresh) {
            free(fresh);
        }
    }
    return pyshim_core_fits(made, type, offset, &base) ? made : NULL;
}

/* The type of a spec, of the module where CPython keeps one for it. NULL with an exception. */
static PyObject *pyshim_core_type_from(PyObject *module, pyshim_core_type_spec *spec,
                                       PyObject *bases)
{
    const pyshim_core_natives *natives = &pyshim_core_get()->natives;
    PyObject *made = natives->pytype_frommoduleandspec != NULL
                         ? natives->pytype_frommoduleandspec(module, spec, bases)
                         : natives->pytype_fromspecwithbases(spec, bases);
    if (made == NULL && PyErr_Occurred() == NULL) {
        PyErr_NoMemory(); /* which 3.11 to 3.13 forget when there is none for the name */
    }
    return made;
}

/* The flags, as the running CPython needs them. */
static unsigned pyshim_core_type_flags(unsigned flags)
{
    const pyshim_core_facts *facts = &pyshim_core_get()->facts;
    const int cached = pyshim_core_py_tpflags_have_version_tag_id(facts->version, facts->build);
    if (pyshim_core_py_tpflags_have_vectorcall_id(facts->version, facts->build) < 0) {
        flags &= ~(unsigned)pyshim_core_py_tpflags_have_vectorcall_id(PYSHIM_CORE_NEWEST,
                                                                      PYSHIM_RUNTIME_GIL);
    }
    return cached > 0 ? flags | (unsigned)cached : flags;
}

static PyObject *pyshim_core_type_new(PyObject *module, pyshim_type *type, PyObject *base)
{
    const pyshim_core_made_type *made =
        pyshim_core_type_made(type, base, pyshim_core_token_of(module));
    PyObject *bases = NULL, *result;
    pyshim_core_type_spec spec;
    if (made == NULL) {
        return NULL;
    }
    if (base != NULL && (bases = PyTuple_Pack(1, base)) == NULL) {
        return NULL;
    }
    memset(&spec, 0, sizeof(spec));
    spec.name = type->name;
    /* What classes of Python add lies behind, and is pointers. */
    spec.basicsize = (int)pyshim_core_aligned(made->offset + type->size, sizeof(void *));
    spec.flags = pyshim_core_type_flags(type->flags);
    spec.slots = made->slots;
    result = pyshim_core_type_from(module, &spec, bases);
    Py_DecRef(bases);
    if (result != NULL && made->functions.getbuffer != NULL) {
        pyshim_core_set_buffer_functions(result, &made->functions);
    }
    if (result != NULL && pyshim_core_keep_module(result, type, module) < 0) {
        Py_DecRef(result);
        return NULL;
    }
    return result;
}

PyObject *pyshim_type_new(PyObject *module, pyshim_type *type, PyObject *base)
{
    pyshim_core_pending earlier;
    PyObject *result;
    pyshim_core_set_aside(&earlier);
    result = pyshim_core_type_new(module, type, base);
    pyshim_core_settle(&earlier);
    return result;
}

/* From 3.9 on the objects of a heap type visit it. Before that it would be visited twice where a
 * class of Python's derives from it. */
PyObject *pyshim_type_visited(PyObject *op)
{
    if (pyshim_core_get()->natives.pytype_frommoduleandspec == NULL) {
        return NULL; /* it came with 3.9, too */
    }
    return (PyObject *)pyshim_core_type_of(op); /* a collection may count no references */
}

void pyshim_type_free(PyObject *op)
{
    const pyshim_core_facts *facts = &pyshim_core_get()->facts;
    PyObject *type = PyObject_Type(op);
    void *found = PyType_GetSlot((struct _typeobject *)(void *)type,
                                 pyshim_core_py_tp_free_id(facts->version, facts->build));
    void (*release)(void *);
    memcpy(&release, &found, sizeof(found));
    release(op);
    Py_DecRef(type);
    Py_DecRef(type); /* that of the object */
}
