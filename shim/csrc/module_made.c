/* SPDX-License-Identifier: 0BSD */
/* A module of one list of slots: what the running CPython is given for it, either way round. It is
 * made once, in one block, published, and never written again by us nor freed. */

typedef struct pyshim_core_module {
    /* PyModuleDef, with the head of either build; first, so that its address is that of the block. */
    union {
        void *aligned;
        char bytes[PYSHIM_UPSTREAM_FT_PyModuleDef_SIZE];
    } definition;
    const pyshim_module *module;
    char abi_info[PYSHIM_UPSTREAM_GIL_PyABIInfo_SIZE];
    char *slots;    /* PyModuleDef_Slot, in both */
    char *exported; /* PySlot; NULL where nothing calls PyModExport */
} pyshim_core_module;

/* The slots of a kind that follow a given one; the first for NULL; NULL after the last. */
static const pyshim_module_slot *pyshim_core_next(const pyshim_module *module,
                                                  const pyshim_module_slot *slot, uintptr_t kind)
{
    for (slot = slot == NULL ? module->slots : slot + 1; slot->kind != PYSHIM_KIND_END; slot++) {
        if (slot->kind == kind) {
            return slot;
        }
    }
    return NULL;
}

/* The value of the first slot of a kind; 0 without one. */
static uintptr_t pyshim_core_value(const pyshim_module *module, uintptr_t kind)
{
    const pyshim_module_slot *slot = pyshim_core_next(module, NULL, kind);
    return slot != NULL ? slot->value : 0;
}

/* The address by which CPython knows what a module object was made of: its definition, or its token
 * where there is none. That of one of ours is its block. */
static void *pyshim_core_token_of(PyObject *module)
{
    const pyshim_core_natives *natives = &pyshim_core_get()->natives;
    void *found = PyModule_GetDef(module);
    if (found == NULL && natives->pymodule_gettoken != NULL
        && natives->pymodule_gettoken(module, &found) < 0) {
        found = NULL;
    }
    return found;
}

/* What stands behind the last dot. */
static const char *pyshim_core_last_part(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot != NULL ? dot + 1 : name;
}

/* Gives a module object a type as an attribute. */
static int pyshim_core_add_type(PyObject *module, pyshim_type *type)
{
    PyObject *added = pyshim_type_new(module, type, NULL);
    int result = -1;
    if (added != NULL) {
        result = PyObject_SetAttrString(module, pyshim_core_last_part(type->name), added);
        Py_DecRef(added);
    }
    return result;
}

/* Fills a module object, in the order of the slots. It is the one exec slot that CPython sees, since
 * 3.15 takes no second one in an export. */
static int pyshim_core_module_exec(PyObject *module)
{
    const pyshim_core_module *made = (const pyshim_core_module *)pyshim_core_token_of(module);
    const pyshim_module_slot *slot;
    int result = made != NULL ? 0 : -1;
    for (slot = made != NULL ? made->module->slots : NULL;
         result == 0 && slot->kind != PYSHIM_KIND_END; slot++) {
        const int is_run = slot->kind == PYSHIM_KIND_TYPE || slot->kind == PYSHIM_KIND_EXEC;
        if (is_run && slot->value == 0) {
            PyErr_Format(PyExc_SystemError,
                         "pyshim: a slot of %s has NULL for what fills the module",
                         made->module->name);
            result = -1;
        } else if (slot->kind == PYSHIM_KIND_TYPE) {
            result = pyshim_core_add_type(module, (pyshim_type *)slot->value);
        } else if (slot->kind == PYSHIM_KIND_EXEC) {
            result = ((int (*)(PyObject *))slot->value)(module);
        }
    }
    return result;
}

/* Appends a slot, unless this CPython has no such id. */
static char *pyshim_core_append(const pyshim_core_slot_kind *kind, char *end, int id,
                                uintptr_t value)
{
    if (id < 0) {
        return end;
    }
    pyshim_core_set_slot(kind, end, id, value);
    return end + kind->size;
}

static size_t pyshim_core_slot_count(const pyshim_module *module)
{
    size_t count = 0;
    while (module->slots[count].kind != PYSHIM_KIND_END) {
        count++;
    }
    return count;
}

/* Fills in what a definition has in its own array of slots, which an export leads to. The memory is
 * all zero, which ends the array. 0, or -1 with an exception. */
static int pyshim_core_fill_slots(pyshim_core_module *made)
{
    const unsigned version = pyshim_core_get()->facts.version, runs = pyshim_core_get()->facts.build;
    const pyshim_core_slot_kind *kind = &pyshim_core_def_slot;
    const pyshim_module_slot *slot;
    char *end = made->slots;
    if ((slot = pyshim_core_next(made->module, NULL, PYSHIM_KIND_CREATE)) != NULL) {
        end = pyshim_core_append(kind, end, pyshim_core_py_mod_create_id(version, runs),
                                 slot->value);
    }
    if (pyshim_core_next(made->module, NULL, PYSHIM_KIND_TYPE) != NULL
        || pyshim_core_next(made->module, NULL, PYSHIM_KIND_EXEC) != NULL) {
        end = pyshim_core_append(kind, end, pyshim_core_py_mod_exec_id(version, runs),
                                 (uintptr_t)&pyshim_core_module_exec);
    }
    if ((slot = pyshim_core_next(made->module, NULL, PYSHIM_KIND_INTERPRETERS)) != NULL) {
        end = pyshim_core_append(kind, end,
                                 pyshim_core_py_mod_multiple_interpreters_id(version, runs),
                                 slot->value);
    }
    if ((slot = pyshim_core_next(made->module, NULL, PYSHIM_KIND_GIL)) != NULL) {
        uint32_t bits = slot->value > UINT32_MAX ? UINT32_MAX : (uint32_t)slot->value;
        int without = pyshim_core_gil_decide(bits, made->module->build);
        if (without < 0) {
            return -1;
        }
        end = pyshim_core_append(kind, end, pyshim_core_py_mod_gil_id(version, runs),
                                 pyshim_core_gil_value(without));
    }
    return 0;
}

/* Where a field of PyModuleDef is in the running build. */
#define PYSHIM_CORE_DEFINITION_AT(field)                                                         \
    (pyshim_core_get()->facts.build == PYSHIM_RUNTIME_FT ? PYSHIM_UPSTREAM_FT_PyModuleDef_##field \
                                                         : PYSHIM_UPSTREAM_GIL_PyModuleDef_##field)

static void pyshim_core_set_word(char *at, uintptr_t value)
{
    memcpy(at, &value, sizeof(value));
}

/* The head of an object that is not counted: that of None, which CPython itself has laid out, with
 * the type left for PyModuleDef_Init to fill in. Before 3.12 None is counted, under the GIL, and so
 * is the definition. */
static void pyshim_core_set_head(char *definition)
{
    const int ft = pyshim_core_get()->facts.build == PYSHIM_RUNTIME_FT;
    memcpy(definition, (const char *)&_Py_NoneStruct, pyshim_core_head());
    pyshim_core_set_word(definition + (ft ? PYSHIM_UPSTREAM_FT_PyObject_ob_type
                                          : PYSHIM_UPSTREAM_GIL_PyObject_ob_type),
                         0);
}

static void pyshim_core_fill_definition(pyshim_core_module *made)
{
    const pyshim_module *module = made->module;
    char *at = made->definition.bytes;
    pyshim_core_set_head(at);
    pyshim_core_set_word(at + PYSHIM_CORE_DEFINITION_AT(m_name), (uintptr_t)module->name);
    pyshim_core_set_word(at + PYSHIM_CORE_DEFINITION_AT(m_doc),
                         pyshim_core_value(module, PYSHIM_KIND_DOC));
    pyshim_core_set_word(at + PYSHIM_CORE_DEFINITION_AT(m_size),
                         pyshim_core_value(module, PYSHIM_KIND_STATE));
    pyshim_core_set_word(at + PYSHIM_CORE_DEFINITION_AT(m_methods),
                         pyshim_core_value(module, PYSHIM_KIND_METHODS));
    pyshim_core_set_word(at + PYSHIM_CORE_DEFINITION_AT(m_slots), (uintptr_t)made->slots);
    pyshim_core_set_word(at + PYSHIM_CORE_DEFINITION_AT(m_traverse),
                         pyshim_core_value(module, PYSHIM_KIND_TRAVERSE));
    pyshim_core_set_word(at + PYSHIM_CORE_DEFINITION_AT(m_clear),
                         pyshim_core_value(module, PYSHIM_KIND_CLEAR));
    pyshim_core_set_word(at + PYSHIM_CORE_DEFINITION_AT(m_free),
                         pyshim_core_value(module, PYSHIM_KIND_FREE));
}

/* What was compiled, in CPython's words, which it compares with what it is. */
static void pyshim_core_fill_abi_info(pyshim_core_module *made)
{
    const pyshim_build *build = made->module->build;
    const unsigned version = pyshim_core_get()->facts.version, runs = pyshim_core_get()->facts.build;
    const int full = (build->flags & PYSHIM_BUILD_FLAGS_FULL_API) != 0;
    const int opaque = (build->flags & PYSHIM_BUILD_FLAGS_OPAQUE) != 0;
    const int ft = (build->flags & PYSHIM_BUILD_FLAGS_FREE_THREADED) != 0;
    const uint8_t major = 1; /* the first shape of PyABIInfo, and the only one */
    uint16_t flags = 0;
    uint32_t abi = full ? build->python : build->limited;
    flags |= (uint16_t)(full ? 0 : pyshim_core_pyabiinfo_stable_id(version, runs));
    flags |= (uint16_t)(opaque || !ft ? pyshim_core_pyabiinfo_gil_id(version, runs) : 0);
    flags |= (uint16_t)(opaque || ft ? pyshim_core_pyabiinfo_freethreaded_id(version, runs) : 0);
    memcpy(made->abi_info + PYSHIM_UPSTREAM_GIL_PyABIInfo_abiinfo_major_version, &major,
           sizeof(major));
    memcpy(made->abi_info + PYSHIM_UPSTREAM_GIL_PyABIInfo_flags, &flags, sizeof(flags));
    memcpy(made->abi_info + PYSHIM_UPSTREAM_GIL_PyABIInfo_build_version, &build->python,
           sizeof(build->python));
    memcpy(made->abi_info + PYSHIM_UPSTREAM_GIL_PyABIInfo_abi_version, &abi, sizeof(abi));
}

/* The most slots that an export has, with the one that ends it. */
#define PYSHIM_CORE_MOST_EXPORTED 11

static void pyshim_core_fill_exported(pyshim_core_module *made)
{
    const unsigned version = pyshim_core_get()->facts.version, runs = pyshim_core_get()->facts.build;
    const pyshim_core_slot_kind *kind = &pyshim_core_export_slot;
    const struct {
        uintptr_t kind;
        int id;
        int lives; /* CPython keeps the address */
    } optional[] = {
        {PYSHIM_KIND_DOC, pyshim_core_py_mod_doc_id(version, runs), 0},
        {PYSHIM_KIND_STATE, pyshim_core_py_mod_state_size_id(version, runs), 0},
        {PYSHIM_KIND_METHODS, pyshim_core_py_mod_methods_id(version, runs), 1},
        {PYSHIM_KIND_TRAVERSE, pyshim_core_py_mod_state_traverse_id(version, runs), 0},
        {PYSHIM_KIND_CLEAR, pyshim_core_py_mod_state_clear_id(version, runs), 0},
        {PYSHIM_KIND_FREE, pyshim_core_py_mod_state_free_id(version, runs), 0},
    };
    char *end = made->exported;
    size_t i;
    end = pyshim_core_append(kind, end, pyshim_core_py_mod_name_id(version, runs),
                             (uintptr_t)made->module->name);
    end = pyshim_core_append(kind, end, pyshim_core_py_mod_abi_id(version, runs),
                             (uintptr_t)made->abi_info);
    end = pyshim_core_append(kind, end, pyshim_core_py_mod_token_id(version, runs),
                             (uintptr_t)made);
    end = pyshim_core_append(kind, end, pyshim_core_py_mod_slots_id(version, runs),
                             (uintptr_t)made->slots);
    for (i = 0; i < sizeof(optional) / sizeof(optional[0]); i++) {
        const uintptr_t value = pyshim_core_value(made->module, optional[i].kind);
        char *slot = end;
        if (value == 0) {
            continue;
        }
        end = pyshim_core_append(kind, end, optional[i].id, value);
        if (optional[i].lives) {
            pyshim_core_add_flag(kind, slot, pyshim_core_pyslot_static_id(version, runs));
        }
    }
}

static const char *const pyshim_core_kind_names[] = {
    [PYSHIM_KIND_DOC] = "PYSHIM_SLOT_DOC",
    [PYSHIM_KIND_STATE] = "PYSHIM_SLOT_STATE",
    [PYSHIM_KIND_METHODS] = "PYSHIM_SLOT_METHODS",
    [PYSHIM_KIND_TRAVERSE] = "PYSHIM_SLOT_TRAVERSE",
    [PYSHIM_KIND_CLEAR] = "PYSHIM_SLOT_CLEAR",
    [PYSHIM_KIND_FREE] = "PYSHIM_SLOT_FREE",
    [PYSHIM_KIND_EXEC] = "PYSHIM_SLOT_EXEC",
    [PYSHIM_KIND_CREATE] = "PYSHIM_SLOT_CREATE",
    [PYSHIM_KIND_GIL] = "PYSHIM_SLOT_GIL",
    [PYSHIM_KIND_INTERPRETERS] = "PYSHIM_SLOT_INTERPRETERS",
    [PYSHIM_KIND_TYPE] = "PYSHIM_SLOT_TYPE",
};

/* Whether all slots are known, and each thing is said once that can be said once: of two, one would be
 * forgotten in silence. 0, or -1 with SystemError. */
static int pyshim_core_check_kinds(const pyshim_module *module)
{
    const size_t known = sizeof(pyshim_core_kind_names) / sizeof(pyshim_core_kind_names[0]);
    const pyshim_module_slot *slot;
    for (slot = module->slots; slot->kind != PYSHIM_KIND_END; slot++) {
        const int may_repeat = slot->kind == PYSHIM_KIND_TYPE || slot->kind == PYSHIM_KIND_EXEC;
        if (slot->kind >= known) {
            PyErr_Format(PyExc_SystemError,
                         "pyshim: a slot of %s is of kind %u, and this release knows kinds up to %u",
                         module->name, (unsigned)slot->kind, (unsigned)known - 1);
            return -1;
        }
        if (!may_repeat && pyshim_core_next(module, slot, slot->kind) != NULL) {
            PyErr_Format(PyExc_SystemError, "pyshim: %s has more than one %s", module->name,
                         pyshim_core_kind_names[slot->kind]);
            return -1;
        }
    }
    return 0;
}

/* Makes the block. NULL with an exception. */
static pyshim_core_module *pyshim_core_make_module(const pyshim_module *module)
{
    /* One more for what fills the module, and one that ends the array. */
    const size_t slots = (pyshim_core_slot_count(module) + 2) * pyshim_core_def_slot.size;
    const size_t exported = PYSHIM_CORE_MOST_EXPORTED * pyshim_core_export_slot.size;
    pyshim_core_module *made;
    if (pyshim_core_check_kinds(module) < 0) {
        return NULL;
    }
    made = (pyshim_core_module *)calloc(1, sizeof(*made) + exported + slots);
    if (made == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    made->module = module;
    made->exported = (char *)(made + 1);
    made->slots = made->exported + exported;
    if (pyshim_core_fill_slots(made) < 0) {
        free(made);
        return NULL;
    }
    pyshim_core_fill_definition(made);
    pyshim_core_fill_abi_info(made);
    pyshim_core_fill_exported(made);
    return made;
}

/* The block of a module, made when first asked for. Threads and interpreters that ask at once make
 * one each, and all use the one that was published. NULL with an exception. */
static pyshim_core_module *pyshim_core_module_made(pyshim_module *module)
{
    pyshim_core_module *made, *fresh;
    if (pyshim_init_build(module->build) < 0) {
        return NULL;
    }
    made = (pyshim_core_module *)pyshim_core_slots_current(&module->made);
    if (made != NULL) {
        return made;
    }
    fresh = pyshim_core_make_module(module);
    if (fresh == NULL) {
        return NULL;
    }
    made = (pyshim_core_module *)pyshim_core_slots_publish(&module->made, NULL, fresh);
    if (made != fresh) {
        free(fresh);
    }
    return made;
}

PyObject *pyshim_module_hook_init(pyshim_module *module)
{
    pyshim_core_pending earlier;
    pyshim_core_module *made;
    PyObject *definition = NULL;
    pyshim_core_set_aside(&earlier);
    made = pyshim_core_module_made(module);
    if (made != NULL) {
        definition = PyModuleDef_Init((struct PyModuleDef *)(void *)made->definition.bytes);
    }
    pyshim_core_settle(&earlier);
    return definition;
}

void *pyshim_module_hook_export(pyshim_module *module)
{
    pyshim_core_pending earlier;
    pyshim_core_module *made;
    pyshim_core_set_aside(&earlier);
    made = pyshim_core_module_made(module);
    pyshim_core_settle(&earlier);
    return made != NULL ? made->exported : NULL;
}
