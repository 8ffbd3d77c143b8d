/* SPDX-License-Identifier: 0BSD */
/* What a module hands to CPython: a definition, slots, or itself, with the answer about the GIL. */

static PyObject *pyshim_core_module_init(void *def, const pyshim_build *build)
{
    void **place;
    char *slots, *resolved;
    if (pyshim_init_build(build) < 0) {
        return NULL;
    }
    place = (void **)(void *)((char *)def
                              + (pyshim_core_get()->facts.build == PYSHIM_RUNTIME_FT
                                     ? PYSHIM_UPSTREAM_FT_PyModuleDef_m_slots
                                     : PYSHIM_UPSTREAM_GIL_PyModuleDef_m_slots));
    slots = (char *)pyshim_core_slots_current(place);
    if (slots != NULL) {
        resolved = pyshim_core_resolve_slots(&pyshim_core_def_slot, slots, build);
        if (resolved == NULL) {
            return NULL;
        }
        if (resolved != slots && pyshim_core_slots_publish(place, slots, resolved) != resolved) {
            free(resolved); /* another interpreter initialised the same definition first */
        }
    }
    return PyModuleDef_Init((struct PyModuleDef *)def);
}

PyObject *pyshim_module_init_build(void *def, const pyshim_build *build)
{
    pyshim_core_pending earlier;
    PyObject *module;
    pyshim_core_set_aside(&earlier);
    module = pyshim_core_module_init(def, build);
    pyshim_core_settle(&earlier);
    return module;
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

static void *pyshim_core_module_export(void *slots, const pyshim_build *build)
{
    char *resolved;
    if (pyshim_init_build(build) < 0) {
        return NULL;
    }
    resolved = pyshim_core_find_export(slots);
    if (resolved != NULL) {
        return resolved;
    }
    resolved = pyshim_core_resolve_slots(&pyshim_core_export_slot, (char *)slots, build);
    return resolved == NULL || resolved == slots ? resolved
                                                 : pyshim_core_add_export(slots, resolved);
}

void *pyshim_module_export_build(void *slots, const pyshim_build *build)
{
    pyshim_core_pending earlier;
    void *resolved;
    pyshim_core_set_aside(&earlier);
    resolved = pyshim_core_module_export(slots, build);
    pyshim_core_settle(&earlier);
    return resolved;
}

static int pyshim_core_module_set_gil(PyObject *module, uint32_t bits, const pyshim_build *build)
{
    int without = pyshim_core_gil_decide(bits, build);
    const pyshim_core_natives *natives;
    if (without < 0) {
        return -1;
    }
    natives = &pyshim_core_get()->natives;
    if (natives->pyunstable_module_setgil == NULL) {
        return 0; /* there is nobody to tell: the GIL stays as it is, or is turned on */
    }
    return natives->pyunstable_module_setgil(module, (void *)pyshim_core_gil_value(without));
}

int pyshim_module_set_gil_build(PyObject *module, uint32_t bits, const pyshim_build *build)
{
    pyshim_core_pending earlier;
    int result;
    pyshim_core_set_aside(&earlier);
    result = pyshim_core_module_set_gil(module, bits, build);
    pyshim_core_settle(&earlier);
    return result;
}
