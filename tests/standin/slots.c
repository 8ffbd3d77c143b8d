/* The slots of modules. Up to 3.14 an array of {int, pointer} with four ids at most; from 3.15 on
   also PEP 820's PySlot, new ids for the old four, and one set of rules for both arrays. */
#include "standin.h"

enum {
    SLOT_END = 0,
    OLD_CREATE = 1,
    OLD_EXEC = 2,
    OLD_INTERPRETERS = 3,
    OLD_GIL = 4,
    CREATE = 84,
    EXEC = 85,
    INTERPRETERS = 86,
    GIL = 87,
    SUBSLOTS = 92,
    LEGACY_SLOTS = 94,
    NAME = 100,
    DOC = 101,
    STATE_SIZE = 102,
    METHODS = 103,
    STATE_TRAVERSE = 104,
    STATE_CLEAR = 105,
    STATE_FREE = 106,
    ABI = 109,
    TOKEN = 110,
};
enum { FLAG_OPTIONAL = 1, FLAG_STATIC = 2 };
enum { MAX_NESTING = 5 };

/* 3.13 and 3.14 test for the value that means used, 3.15 for the one that means not used. */
bool standin_requires_gil(uint64_t value)
{
    switch (standin.gil_rule) {
    case GIL_RULE_NONZERO:
        return value == 0;
    case GIL_RULE_ONE:
        return value != 1;
    case GIL_RULE_BIT0:
        return (value & 1) == 0;
    }
    return true;
}

static int add_exec(struct standin_slots *out, void *exec)
{
    if (out->n_exec == STANDIN_MAX_EXEC) {
        PyErr_Format(PyExc_SystemError, "the stand-in runs %d exec slots at most",
                     STANDIN_MAX_EXEC);
        return -1;
    }
    out->exec[out->n_exec++] = (int (*)(PyObject *))exec;
    return 0;
}

static int read_old(struct standin_slots *out)
{
    static const char *const repeated[] = {
        NULL, "module %s has multiple create slots", NULL,
        "module %s has more than one 'multiple interpreters' slots",
        "module %s has more than one 'gil' slot"};
    int last = standin.minor >= 13 ? OLD_GIL : standin.minor == 12 ? OLD_INTERPRETERS : OLD_EXEC;
    for (PyModuleDef_Slot *s = out->def->m_slots; s != NULL && s->slot != SLOT_END; s++) {
        if (s->slot < 0 || s->slot > last) {
            PyErr_Format(PyExc_SystemError, "module %s uses unknown slot ID %i", out->module,
                         s->slot);
            return -1;
        }
        if (s->slot != OLD_EXEC && out->seen[s->slot]) {
            PyErr_Format(PyExc_SystemError, repeated[s->slot], out->module);
            return -1;
        }
        out->seen[s->slot] = true;
        if (s->slot == OLD_CREATE) {
            out->create = (PyObject * (*)(PyObject *, PyModuleDef *)) s->value;
        } else if (s->slot == OLD_GIL) {
            out->requires_gil = standin_requires_gil((uintptr_t)s->value);
        } else if (s->slot == OLD_EXEC && add_exec(out, s->value) < 0) {
            return -1;
        }
    }
    return 0;
}

/* In a definition's own array a value may be given again if it is the definition's. */
static int agree(struct standin_slots *out, int id, uintptr_t in_def, uintptr_t in_slot)
{
    if (out->def != NULL && in_def != in_slot) {
        PyErr_Format(PyExc_SystemError, "module %s: %s conflicts with the module definition",
                     out->module, standin_slot_names[id]);
        return -1;
    }
    return 0;
}

/* A definition's array may say nothing about create without being told off. */
static int refuse_null(const struct standin_slots *out, int id)
{
    switch (id) {
    case EXEC:
    case NAME:
    case DOC:
    case METHODS:
    case STATE_TRAVERSE:
    case STATE_CLEAR:
    case STATE_FREE:
    case ABI:
    case TOKEN:
        PyErr_Format(PyExc_SystemError, "NULL not allowed for slot %s", standin_slot_names[id]);
        return -1;
    case CREATE:
        return out->def != NULL ? 0
                                : PyErr_WarnFormat(PyExc_DeprecationWarning, 0,
                                                   "NULL value in slot %s is deprecated",
                                                   standin_slot_names[id]);
    default:
        return 0;
    }
}

static int read_legacy_array(struct standin_slots *out, const PyModuleDef_Slot *slots, int depth);
static int read_array(struct standin_slots *out, const PySlot *slots, int depth);

static int read_one(struct standin_slots *out, int id, unsigned flags, uint64_t value, int depth)
{
    if (id >= OLD_CREATE && id <= OLD_GIL) {
        id += CREATE - OLD_CREATE;
    }
    bool known = id < STANDIN_N_SLOT_IDS;
    if (!known && (flags & FLAG_OPTIONAL)) {
        return 0;
    }
    if (!known) {
        PyErr_Format(PyExc_SystemError, "unknown module slot ID %d", id);
        return -1;
    }
    if (value == 0 && refuse_null(out, id) < 0) {
        return -1;
    }
    bool repeatable =
        id == ABI || id == SUBSLOTS || id == LEGACY_SLOTS || (id == EXEC && out->def != NULL);
    if (out->seen[id] && !repeatable) {
        PyErr_Format(PyExc_SystemError, "module %s has multiple %s (%d) slots", out->module,
                     standin_slot_names[id], id);
        return -1;
    }
    out->seen[id] = true;
    PyModuleDef *def = out->def;
    void *pointer = (void *)(uintptr_t)value;
    switch (id) {
    case CREATE:
        out->create = (PyObject * (*)(PyObject *, PyModuleDef *)) pointer;
        return 0;
    case EXEC:
        return add_exec(out, pointer);
    case INTERPRETERS:
        return 0;
    case GIL:
        out->requires_gil = standin_requires_gil(value);
        return 0;
    case SUBSLOTS:
        return read_array(out, pointer, depth + 1);
    case LEGACY_SLOTS:
        return read_legacy_array(out, pointer, depth + 1);
    case NAME:
        return agree(out, id, def ? (uintptr_t)def->m_name : 0, value);
    case DOC:
        out->doc = pointer;
        return agree(out, id, def ? (uintptr_t)def->m_doc : 0, value);
    case STATE_SIZE:
        out->state_size = (Py_ssize_t)value;
        return agree(out, id, def ? (uintptr_t)def->m_size : 0, value);
    case METHODS:
        out->methods = pointer;
        return agree(out, id, def ? (uintptr_t)def->m_methods : 0, value);
    case STATE_TRAVERSE:
        return agree(out, id, def ? (uintptr_t)def->m_traverse : 0, value);
    case STATE_CLEAR:
        return agree(out, id, def ? (uintptr_t)def->m_clear : 0, value);
    case STATE_FREE:
        out->state_free = (void (*)(void *))pointer;
        return agree(out, id, def ? (uintptr_t)def->m_free : 0, value);
    case ABI:
        return PyABIInfo_Check(pointer, out->module);
    case TOKEN:
        out->token = pointer;
        return agree(out, id, (uintptr_t)def, value);
    default:
        PyErr_Format(PyExc_SystemError, "invalid module slot %d (%s)", id, standin_slot_names[id]);
        return -1;
    }
}

static int check_depth(int depth)
{
    if (depth > MAX_NESTING) {
        PyErr_Format(PyExc_SystemError, "slots are nested more than %d levels deep", MAX_NESTING);
        return -1;
    }
    return 0;
}

static int read_legacy_array(struct standin_slots *out, const PyModuleDef_Slot *slots, int depth)
{
    if (check_depth(depth) < 0) {
        return -1;
    }
    /* The id loses its upper half, as in CPython: -5 is reported as 65531. */
    for (; slots != NULL && (uint16_t)slots->slot != SLOT_END; slots++) {
        if (read_one(out, (uint16_t)slots->slot, 0, (uintptr_t)slots->value, depth) < 0) {
            return -1;
        }
    }
    return 0;
}

static int read_array(struct standin_slots *out, const PySlot *slots, int depth)
{
    if (check_depth(depth) < 0) {
        return -1;
    }
    for (; slots != NULL && slots->sl_id != SLOT_END; slots++) {
        if (slots->sl_reserved != 0) {
            PyErr_Format(PyExc_SystemError, "slot %d: sl_reserved must be 0", slots->sl_id);
            return -1;
        }
        if (slots->sl_id == METHODS && !(slots->sl_flags & FLAG_STATIC)) {
            PyErr_Format(PyExc_SystemError, "%s requires PySlot_STATIC",
                         standin_slot_names[METHODS]);
            return -1;
        }
        if (read_one(out, slots->sl_id, slots->sl_flags, slots->sl_uint64, depth) < 0) {
            return -1;
        }
    }
    if (slots != NULL && (slots->sl_flags & FLAG_OPTIONAL)) {
        PyErr_SetString(PyExc_SystemError, "invalid flags for Py_slot_end");
        return -1;
    }
    return 0;
}

int standin_read_def_slots(struct standin_slots *out)
{
    out->requires_gil = true;
    return standin.minor >= 15 ? read_legacy_array(out, out->def->m_slots, 0) : read_old(out);
}

int standin_read_slots(struct standin_slots *out, const PySlot *slots)
{
    out->requires_gil = true;
    out->token = slots;
    if (read_array(out, slots, 0) < 0) {
        return -1;
    }
    if (!out->seen[ABI]) {
        PyErr_Format(PyExc_SystemError,
                     "module %s does not define Py_mod_abi, which is mandatory for modules defined "
                     "from slots only.",
                     out->module);
        return -1;
    }
    return 0;
}
