/* The module GIL slot: whether a module does without the GIL here, and its slot array with the
 * answer in the words of the running CPython. */

/* The bit that the sections of this CPython satisfy. */
static uint32_t pyshim_core_satisfied_bits(const pyshim_core_facts *facts)
{
    switch (facts->sections) {
    case PYSHIM_SECTIONS_LIVE:
        return PYSHIM_MOD_GIL_SECTIONS;
    case PYSHIM_SECTIONS_SUCCESSOR:
        return PYSHIM_MOD_GIL_SUCCESSOR;
    default:
        return 0;
    }
}

static const char *pyshim_core_sections_word(int sections)
{
    switch (sections) {
    case PYSHIM_SECTIONS_LIVE:
        return "lock";
    case PYSHIM_SECTIONS_SUCCESSOR:
        return "lock in a newer way";
    default:
        return "do nothing";
    }
}

int pyshim_gil_decide(uint32_t bits, const pyshim_build *build)
{
    const pyshim_core_loaded *loaded;
    if (bits & ~PYSHIM_MOD_GIL_ALL) {
        PyErr_Format(PyExc_ImportError,
                     "pyshim: the GIL slot has bits 0x%x, and only 0x%x have a meaning",
                     (unsigned)bits, (unsigned)PYSHIM_MOD_GIL_ALL);
        return -1;
    }
    if (pyshim_init_build(build) < 0) {
        return -1;
    }
    loaded = pyshim_core_get();
    if (loaded->facts.build == PYSHIM_RUNTIME_GIL) {
        return bits != 0;
    }
    if (bits & pyshim_core_satisfied_bits(&loaded->facts)) {
        return 1;
    }
    if (bits != 0 && pyshim_core_gil_is_forced_off()) {
        PyErr_Format(PyExc_ImportError,
                     "pyshim: this module relies on critical sections (GIL slot 0x%x), which %s "
                     "here, so it needs the GIL; PYTHON_GIL=0 or -X gil=0 keeps it off",
                     (unsigned)bits, pyshim_core_sections_word(loaded->facts.sections));
        return -1;
    }
    return 0;
}

/* The value that makes the running CPython see the decision: exactly the bit it looks at, or 0,
 * since versions read any other value in opposite ways. */
static uintptr_t pyshim_core_gil_value(int without)
{
    const pyshim_core_facts *facts = &pyshim_core_get()->facts;
    int bit = pyshim_core_mod_gil_bit(facts->version, PYSHIM_RUNTIME_FT);
    return without && bit >= 0 ? (uintptr_t)1 << bit : 0;
}

/* A slot of either kind, as far as this file needs it. */
typedef struct pyshim_core_slot_kind {
    size_t size, id_offset, id_size, value_offset;
    size_t flags_offset; /* of a uint16_t; 0 where there are none */
} pyshim_core_slot_kind;

/* Layouts of slots do not depend on the build. */
static const pyshim_core_slot_kind pyshim_core_def_slot = {
    PYSHIM_UPSTREAM_GIL_PyModuleDef_Slot_SIZE, PYSHIM_UPSTREAM_GIL_PyModuleDef_Slot_slot,
    sizeof(int), PYSHIM_UPSTREAM_GIL_PyModuleDef_Slot_value, 0};
static const pyshim_core_slot_kind pyshim_core_export_slot = {
    PYSHIM_UPSTREAM_GIL_PySlot_SIZE, PYSHIM_UPSTREAM_GIL_PySlot_sl_id, sizeof(uint16_t),
    PYSHIM_UPSTREAM_GIL_PySlot_sl_uint64, PYSHIM_UPSTREAM_GIL_PySlot_sl_flags};

static int pyshim_core_slot_id(const pyshim_core_slot_kind *kind, const char *slot)
{
    int wide = 0;
    uint16_t narrow = 0;
    if (kind->id_size == sizeof(narrow)) {
        memcpy(&narrow, slot + kind->id_offset, sizeof(narrow));
        return narrow;
    }
    memcpy(&wide, slot + kind->id_offset, sizeof(wide));
    return wide;
}

/* Writes id and value. The value is in the pointer member, which a PySlot has to say. */
static void pyshim_core_set_slot(const pyshim_core_slot_kind *kind, char *slot, int id,
                                 uintptr_t value)
{
    const pyshim_core_facts *facts = &pyshim_core_get()->facts;
    uint16_t narrow = (uint16_t)id;
    if (kind->id_size == sizeof(narrow)) {
        uint16_t flags = (uint16_t)pyshim_core_pyslot_intptr_id(facts->version, facts->build);
        memcpy(slot + kind->id_offset, &narrow, sizeof(narrow));
        memcpy(slot + kind->flags_offset, &flags, sizeof(flags));
    } else {
        memcpy(slot + kind->id_offset, &id, sizeof(id));
    }
    memcpy(slot + kind->value_offset, &value, sizeof(value));
}

/* The value of a slot. That of a PySlot is in the pointer member, or in a 64-bit one. */
static uint64_t pyshim_core_slot_value(const pyshim_core_slot_kind *kind, const char *slot)
{
    const pyshim_core_facts *facts = &pyshim_core_get()->facts;
    uintptr_t pointer;
    uint64_t wide;
    uint16_t flags = 0;
    memcpy(&pointer, slot + kind->value_offset, sizeof(pointer));
    if (kind->flags_offset != 0) {
        memcpy(&flags, slot + kind->flags_offset, sizeof(flags));
        if (!(flags & pyshim_core_pyslot_intptr_id(facts->version, facts->build))) {
            memcpy(&wide, slot + kind->value_offset, sizeof(wide));
            return wide;
        }
    }
    return pointer;
}

/* How many slots come before the one that ends the array, and where our placeholder is among them;
 * `count` where there is none. */
static size_t pyshim_core_scan(const pyshim_core_slot_kind *kind, const char *slots, size_t *count)
{
    size_t placeholder = (size_t)-1;
    size_t i = 0;
    int id;
    while ((id = pyshim_core_slot_id(kind, slots + i * kind->size)) != 0) {
        if (id == PYSHIM_MOD_GIL_SLOT) {
            placeholder = i;
        }
        i++;
    }
    *count = i;
    return placeholder != (size_t)-1 ? placeholder : i;
}

/* A copy of the array with the placeholder replaced by the GIL slot of the running CPython, or left
 * out where that has none. It lives as long as the process. NULL with an exception. */
static char *pyshim_core_resolve_slots(const pyshim_core_slot_kind *kind, const char *slots,
                                       size_t placeholder, size_t count, const pyshim_build *build)
{
    const pyshim_core_facts *facts;
    uint64_t bits = pyshim_core_slot_value(kind, slots + placeholder * kind->size);
    int without, id;
    char *copy, *slot;
    if (bits > UINT32_MAX) {
        bits = UINT32_MAX; /* the upper half has no known bits either */
    }
    without = pyshim_gil_decide((uint32_t)bits, build);
    if (without < 0) {
        return NULL;
    }
    copy = (char *)malloc((count + 1) * kind->size);
    if (copy == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    memcpy(copy, slots, (count + 1) * kind->size);
    slot = copy + placeholder * kind->size;
    facts = &pyshim_core_get()->facts;
    id = pyshim_core_py_mod_gil_id(facts->version, facts->build);
    if (id < 0) {
        memmove(slot, slot + kind->size, (count - placeholder) * kind->size);
    } else {
        pyshim_core_set_slot(kind, slot, id, pyshim_core_gil_value(without));
    }
    return copy;
}

PyObject *pyshim_module_init_build(void *def, const pyshim_build *build)
{
    void **place;
    char *slots;
    size_t count, placeholder;
    if (pyshim_init_build(build) < 0) {
        return NULL;
    }
    place = (void **)(void *)((char *)def
                              + (pyshim_core_get()->facts.build == PYSHIM_RUNTIME_FT
                                     ? PYSHIM_UPSTREAM_FT_PyModuleDef_m_slots
                                     : PYSHIM_UPSTREAM_GIL_PyModuleDef_m_slots));
    slots = (char *)pyshim_core_slots_current(place);
    if (slots != NULL) {
        placeholder = pyshim_core_scan(&pyshim_core_def_slot, slots, &count);
        if (placeholder < count) {
            char *resolved =
                pyshim_core_resolve_slots(&pyshim_core_def_slot, slots, placeholder, count, build);
            if (resolved == NULL) {
                return NULL;
            }
            if (pyshim_core_slots_publish(place, slots, resolved) != resolved) {
                free(resolved); /* another interpreter initialised the same definition first */
            }
        }
    }
    return PyModuleDef_Init((struct PyModuleDef *)def);
}

/* Slot arrays of PyModExport with their resolved copies; only ever added to. */
typedef struct pyshim_core_export {
    const void *slots;
    char *resolved;
    struct pyshim_core_export *next;
} pyshim_core_export;

static void *pyshim_core_exports = NULL;

static char *pyshim_core_find_export(const void *slots)
{
    pyshim_core_export *each = (pyshim_core_export *)pyshim_core_slots_current(&pyshim_core_exports);
    while (each != NULL && each->slots != slots) {
        each = each->next;
    }
    return each != NULL ? each->resolved : NULL;
}

/* Adds a resolved array; another thread may have added the same one, which is then used. */
static char *pyshim_core_add_export(const void *slots, char *resolved)
{
    pyshim_core_export *mine = (pyshim_core_export *)malloc(sizeof(*mine));
    if (mine == NULL) {
        free(resolved);
        PyErr_NoMemory();
        return NULL;
    }
    mine->slots = slots;
    mine->resolved = resolved;
    for (;;) {
        void *head = pyshim_core_slots_current(&pyshim_core_exports);
        char *earlier = pyshim_core_find_export(slots);
        if (earlier != NULL) {
            free(resolved);
            free(mine);
            return earlier;
        }
        mine->next = (pyshim_core_export *)head;
        if (pyshim_core_slots_publish(&pyshim_core_exports, head, mine) == mine) {
            return resolved;
        }
    }
}

void *pyshim_module_export_build(void *slots, const pyshim_build *build)
{
    size_t count, placeholder;
    char *resolved;
    if (pyshim_init_build(build) < 0) {
        return NULL;
    }
    resolved = pyshim_core_find_export(slots);
    if (resolved != NULL) {
        return resolved;
    }
    placeholder = pyshim_core_scan(&pyshim_core_export_slot, (const char *)slots, &count);
    if (placeholder == count) {
        return slots;
    }
    resolved = pyshim_core_resolve_slots(&pyshim_core_export_slot, (const char *)slots, placeholder,
                                         count, build);
    return resolved != NULL ? pyshim_core_add_export(slots, resolved) : NULL;
}
