/* SPDX-License-Identifier: 0BSD */
/* Slot arrays of modules, with the answer about the GIL in the words of the running CPython. */

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

/* Adds a flag to a PySlot. */
static void pyshim_core_add_flag(const pyshim_core_slot_kind *kind, char *slot, int flag)
{
    uint16_t flags;
    memcpy(&flags, slot + kind->flags_offset, sizeof(flags));
    flags = (uint16_t)(flags | flag);
    memcpy(slot + kind->flags_offset, &flags, sizeof(flags));
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

/* The kind of the slots in an array that a slot of this id leads to; NULL where it leads to none. */
static const pyshim_core_slot_kind *pyshim_core_nested_kind(int id)
{
    const pyshim_core_facts *facts = &pyshim_core_get()->facts;
    if (id > 0 && id == pyshim_core_py_slot_subslots_id(facts->version, facts->build)) {
        return &pyshim_core_export_slot;
    }
    if (id > 0 && id == pyshim_core_py_mod_slots_id(facts->version, facts->build)) {
        return &pyshim_core_def_slot;
    }
    return NULL;
}

/* The array that a slot leads to, which is in the pointer member whatever the flags say. */
static const char *pyshim_core_nested_slots(const pyshim_core_slot_kind *kind, const char *slot)
{
    const char *nested;
    memcpy(&nested, slot + kind->value_offset, sizeof(nested));
    return nested;
}

/* CPython follows fewer, and complains of more; this only ends where arrays lead to themselves. */
#define PYSHIM_CORE_MOST_NESTED 8

/* What an array holds together with those nested in it. */
typedef struct pyshim_core_extent {
    size_t bytes;        /* with the slots that end the arrays */
    size_t placeholders; /* of ours */
} pyshim_core_extent;

static size_t pyshim_core_count(const pyshim_core_slot_kind *kind, const char *slots)
{
    size_t count = 0;
    while (pyshim_core_slot_id(kind, slots + count * kind->size) != 0) {
        count++;
    }
    return count;
}

static void pyshim_core_measure_slots(const pyshim_core_slot_kind *kind, const char *slots,
                                      int depth, pyshim_core_extent *extent)
{
    size_t count = pyshim_core_count(kind, slots);
    size_t i;
    extent->bytes += (count + 1) * kind->size;
    for (i = 0; i < count; i++) {
        const char *slot = slots + i * kind->size;
        int id = pyshim_core_slot_id(kind, slot);
        const pyshim_core_slot_kind *inner = pyshim_core_nested_kind(id);
        extent->placeholders += id == PYSHIM_MOD_GIL_SLOT;
        if (inner != NULL && depth < PYSHIM_CORE_MOST_NESTED
            && pyshim_core_nested_slots(kind, slot) != NULL) {
            pyshim_core_measure_slots(inner, pyshim_core_nested_slots(kind, slot), depth + 1,
                                      extent);
        }
    }
}

/* Writes the GIL slot of the running CPython, with the decision on the bits of the placeholder. 1,
 * 0 where this CPython has no such slot, or -1 with an exception. */
static int pyshim_core_resolve_slot(const pyshim_core_slot_kind *kind, const char *placeholder,
                                    char *slot, const pyshim_build *build)
{
    const pyshim_core_facts *facts = &pyshim_core_get()->facts;
    int id = pyshim_core_py_mod_gil_id(facts->version, facts->build);
    uint64_t bits = pyshim_core_slot_value(kind, placeholder);
    int without;
    if (bits > UINT32_MAX) {
        bits = UINT32_MAX; /* the upper half has no known bits either */
    }
    without = pyshim_core_gil_decide((uint32_t)bits, build);
    if (without < 0) {
        return -1;
    }
    if (id < 0) {
        return 0;
    }
    pyshim_core_set_slot(kind, slot, id, pyshim_core_gil_value(without));
    return 1;
}

/* Copies an array to `*to`, those nested in it behind it, and moves `*to` past them. Placeholders
 * are replaced, or left out. 0, or -1 with an exception. */
static int pyshim_core_copy_slots(const pyshim_core_slot_kind *kind, const char *slots, int depth,
                                  char **to, const pyshim_build *build)
{
    size_t count = pyshim_core_count(kind, slots);
    char *slot = *to;
    size_t i;
    *to += (count + 1) * kind->size;
    for (i = 0; i < count; i++) {
        const char *from = slots + i * kind->size;
        int id = pyshim_core_slot_id(kind, from);
        const pyshim_core_slot_kind *inner = pyshim_core_nested_kind(id);
        int kept = 1;
        memcpy(slot, from, kind->size);
        if (id == PYSHIM_MOD_GIL_SLOT) {
            kept = pyshim_core_resolve_slot(kind, from, slot, build);
        } else if (inner != NULL && depth < PYSHIM_CORE_MOST_NESTED
                   && pyshim_core_nested_slots(kind, from) != NULL) {
            char *nested = *to;
            memcpy(slot + kind->value_offset, &nested, sizeof(nested));
            if (pyshim_core_copy_slots(inner, pyshim_core_nested_slots(kind, from), depth + 1, to,
                                       build)
                < 0) {
                return -1;
            }
        }
        if (kept < 0) {
            return -1;
        }
        slot += kept ? kind->size : 0;
    }
    memcpy(slot, slots + count * kind->size, kind->size);
    return 0;
}

/* The slots with every placeholder, also of nested arrays, replaced by the GIL slot of the running
 * CPython or left out where that has none: a copy in one block, which lives as long as the process,
 * or the slots themselves where there is no placeholder. NULL with an exception. */
static char *pyshim_core_resolve_slots(const pyshim_core_slot_kind *kind, char *slots,
                                       const pyshim_build *build)
{
    pyshim_core_extent extent = {0, 0};
    char *copy, *end;
    pyshim_core_measure_slots(kind, slots, 0, &extent);
    if (extent.placeholders == 0) {
        return slots;
    }
    copy = end = (char *)malloc(extent.bytes);
    if (copy == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    if (pyshim_core_copy_slots(kind, slots, 0, &end, build) < 0) {
        free(copy);
        return NULL;
    }
    return copy;
}
