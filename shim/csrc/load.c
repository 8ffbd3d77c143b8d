/* SPDX-License-Identifier: 0BSD */
/* Initialisation: compares what was compiled with what runs, builds the table in private, and
 * publishes it once. A second module, thread or interpreter finds it there and changes nothing. */

#include <stdlib.h> /* calloc, free */
#include <string.h> /* memcpy, memset */

PYSHIM_HIDDEN const pyshim_table *pyshim_table_current = &pyshim_core_stubs;

static const pyshim_core_loaded *pyshim_core_get(void)
{
    const pyshim_table *table = pyshim_table_get();
    return table != &pyshim_core_stubs ? (const pyshim_core_loaded *)(const void *)table : NULL;
}

static void pyshim_core_raise_uninitialised(const char *function)
{
    pyshim_core_pending earlier;
    pyshim_core_set_aside(&earlier);
    PyErr_Format(PyExc_SystemError,
                 "%s: pyshim is not initialised, or the running CPython does not have this",
                 function);
    pyshim_core_settle(&earlier);
}

static void pyshim_core_abort_uninitialised(const char *function)
{
    pyshim_core_raise_uninitialised(function);
    Py_FatalError("pyshim: a function was called before pyshim_init, or the running CPython does "
                  "not have it; the exception says which");
}

/* The bytes of a table of so many slots. */
static uint64_t pyshim_core_table_size(uint32_t length)
{
    const size_t head = sizeof(pyshim_table) - PYSHIM_TABLE_LENGTH * sizeof(pyshim_core_function);
    return head + (uint64_t)length * sizeof(pyshim_core_function);
}

/* Headers and C core are of one release and were compiled alike. */
static int pyshim_core_compare_headers(const pyshim_build *build, pyshim_report *report)
{
    if (build->size != sizeof(*build)) {
        return pyshim_core_fail(report, PYSHIM_LOAD_STRUCT, build->size, sizeof(*build),
                                "pyshim_build");
    }
    if (build->table_hash != PYSHIM_TABLE_HASH) {
        return pyshim_core_fail(report, PYSHIM_LOAD_HEADER, build->table_hash, PYSHIM_TABLE_HASH,
                                NULL);
    }
    if (build->table_length != PYSHIM_TABLE_LENGTH) {
        return pyshim_core_fail(report, PYSHIM_LOAD_STRUCT,
                                pyshim_core_table_size(build->table_length),
                                pyshim_core_table_size(PYSHIM_TABLE_LENGTH), "pyshim_table");
    }
    if (build->pointer_size != sizeof(void *)) {
        return pyshim_core_fail(report, PYSHIM_LOAD_POINTER, build->pointer_size, sizeof(void *),
                                NULL);
    }
    if (build->section_size != sizeof(pyshim_critical_section)) {
        return pyshim_core_fail(report, PYSHIM_LOAD_STRUCT, build->section_size,
                                sizeof(pyshim_critical_section), "pyshim_critical_section");
    }
    if (build->section2_size != sizeof(pyshim_critical_section2)) {
        return pyshim_core_fail(report, PYSHIM_LOAD_STRUCT, build->section2_size,
                                sizeof(pyshim_critical_section2), "pyshim_critical_section2");
    }
    return 0;
}

/* What was compiled may run here. */
static int pyshim_core_compare_runtime(const pyshim_build *build, const pyshim_core_facts *facts,
                                       pyshim_report *report)
{
    unsigned compiled_build = build->flags & PYSHIM_BUILD_FLAGS_FREE_THREADED
                                  ? PYSHIM_RUNTIME_FT
                                  : PYSHIM_RUNTIME_GIL;
    /* What touches no layout of CPython's goes with either build. */
    if (!(build->flags & PYSHIM_BUILD_FLAGS_OPAQUE) && compiled_build != facts->build) {
        return pyshim_core_fail(report, PYSHIM_LOAD_BUILD, facts->build, compiled_build, NULL);
    }
    if ((build->flags & PYSHIM_BUILD_FLAGS_FULL_API) && build->python >> 16 != facts->version) {
        return pyshim_core_fail(report, PYSHIM_LOAD_VERSION, facts->version, build->python >> 16,
                                "");
    }
    if (!(build->flags & PYSHIM_BUILD_FLAGS_FULL_API) && build->limited >> 16 > facts->version) {
        return pyshim_core_fail(report, PYSHIM_LOAD_VERSION, facts->version, build->limited >> 16,
                                " or later");
    }
    return 0;
}

/* The slots of the families that a module can need; where one is had, so are the others. */
static const struct {
    uint32_t bit;
    int slot;
} pyshim_core_families[] = {
    {PYSHIM_NEEDS_CRITICAL_SECTION, pyshim_core_slot_critical_section_begin},
    {PYSHIM_NEEDS_TRY_INCREF, pyshim_core_slot_try_incref},
    {PYSHIM_NEEDS_ATOMIC_REF, pyshim_core_slot_atomic_ref_load},
    {PYSHIM_NEEDS_SECTION_MUTEX, pyshim_core_slot_critical_section_begin_mutex},
};

/* What the module needs can be had. Where sections do nothing on a free-threaded build, the GIL has
 * to do their work: a module asks for it by its slot, or gets it for having none. */
static int pyshim_core_compare_needs(const pyshim_build *build, const pyshim_core_loaded *loaded,
                                     pyshim_report *report)
{
    const pyshim_core_facts *facts = &loaded->facts;
    size_t i;
    for (i = 0; i < sizeof(pyshim_core_families) / sizeof(pyshim_core_families[0]); i++) {
        int slot = pyshim_core_families[i].slot;
        if ((build->needs & pyshim_core_families[i].bit) && loaded->providers[slot] == NULL) {
            unsigned ft = facts->build == PYSHIM_RUNTIME_FT ? PYSHIM_REPORT_FT : 0;
            return pyshim_core_fail(report, PYSHIM_LOAD_MISSING, facts->version | ft,
                                    PYSHIM_CORE_NEWEST, pyshim_core_slot_names[slot]);
        }
    }
    if ((build->needs & PYSHIM_NEEDS_CRITICAL_SECTION) && facts->build == PYSHIM_RUNTIME_FT
        && facts->sections == PYSHIM_SECTIONS_NO_OP && pyshim_core_gil_is_forced_off()) {
        return pyshim_core_fail(report, PYSHIM_LOAD_UNPROTECTED, PYSHIM_SECTIONS_NO_OP,
                                PYSHIM_SECTIONS_LIVE, NULL);
    }
    return 0;
}

/* Resolves every symbol that may be bound on this CPython. */
static void pyshim_core_resolve(pyshim_core_loaded *loaded)
{
    const pyshim_core_facts *facts = &loaded->facts;
    size_t i;
    for (i = 0; i < sizeof(pyshim_core_symbols) / sizeof(pyshim_core_symbols[0]); i++) {
        const pyshim_core_symbol *row = &pyshim_core_symbols[i];
        if (pyshim_core_in_range(facts->version, facts->build, row->since, row->until,
                                 row->builds)) {
            void *found = pyshim_core_find(pyshim_core_symbol_names[row->symbol]);
            memcpy((char *)&loaded->natives + row->symbol * sizeof(found), &found, sizeof(found));
        }
    }
}

static pyshim_core_function pyshim_core_native(const pyshim_core_loaded *loaded, int symbol)
{
    pyshim_core_function found;
    memcpy(&found, (const char *)&loaded->natives + (size_t)symbol * sizeof(found), sizeof(found));
    return found;
}

static int pyshim_core_group_is_there(const pyshim_core_loaded *loaded, int group)
{
    size_t i;
    for (i = 0; i < sizeof(pyshim_core_members) / sizeof(pyshim_core_members[0]); i++) {
        const pyshim_core_member *member = &pyshim_core_members[i];
        if (member->group == group && pyshim_core_native(loaded, member->symbol) == NULL) {
            return 0;
        }
    }
    return 1;
}

/* The function that a row puts into its slot, or NULL when the row does not hold here. */
static pyshim_core_function pyshim_core_provide(const pyshim_core_loaded *loaded,
                                                const pyshim_core_provider *row)
{
    const pyshim_core_facts *facts = &loaded->facts;
    if (!pyshim_core_in_range(facts->version, facts->build, row->since, row->until, row->builds)
        || (row->group >= 0 && !pyshim_core_group_is_there(loaded, row->group))) {
        return NULL;
    }
    return row->symbol >= 0 ? pyshim_core_native(loaded, row->symbol) : row->function;
}

/* Fills each slot from its first row that holds; the others keep their stubs. */
static void pyshim_core_fill(pyshim_core_loaded *loaded)
{
    char *first_slot = (char *)&loaded->table + sizeof(loaded->table)
                       - PYSHIM_TABLE_LENGTH * sizeof(pyshim_core_function);
    size_t i;
    loaded->table = pyshim_core_stubs;
    for (i = 0; i < sizeof(pyshim_core_providers) / sizeof(pyshim_core_providers[0]); i++) {
        const pyshim_core_provider *row = &pyshim_core_providers[i];
        pyshim_core_function function;
        if (loaded->providers[row->slot] != NULL) {
            continue;
        }
        function = pyshim_core_provide(loaded, row);
        if (function != NULL) {
            memcpy(first_slot + row->slot * sizeof(function), &function, sizeof(function));
            loaded->providers[row->slot] = row->name;
        }
    }
}

/* Builds what is to be published. 0, or -1 with the report filled in. */
static int pyshim_core_build(pyshim_core_loaded *loaded, pyshim_report *report)
{
    pyshim_core_facts *facts = &loaded->facts;
    if (pyshim_core_ask_version(&facts->version, report) < 0
        || pyshim_core_ask_build(facts->version, &facts->build, report) < 0) {
        return -1;
    }
    pyshim_core_note_thread_state();
    pyshim_core_resolve(loaded);
    pyshim_core_fill(loaded);
    facts->sections = PYSHIM_SECTIONS_NO_OP;
    if (pyshim_core_group_is_there(loaded, pyshim_core_group_critical_sections)) {
        return pyshim_core_probe_sections(&loaded->natives, &facts->sections, report);
    }
    return 0;
}

/* What is published; publishes it first where nobody has. NULL with the report filled in. No
 * exception is pending here. */
static const pyshim_core_loaded *pyshim_core_obtain(pyshim_report *report)
{
    const pyshim_core_loaded *published = pyshim_core_get();
    pyshim_core_loaded *fresh;
    int failed;
    if (published != NULL) {
        return published;
    }
    fresh = (pyshim_core_loaded *)calloc(1, sizeof(*fresh));
    if (fresh == NULL) {
        pyshim_core_fail(report, PYSHIM_LOAD_MEMORY, 0, 0, NULL);
        return NULL;
    }
    failed = pyshim_core_build(fresh, report) < 0;
    if (failed || pyshim_core_publish(&fresh->table) != &fresh->table) {
        free(fresh); /* it failed, or another thread was first */
    }
    published = pyshim_core_get();
    if (failed && published != NULL) {
        PyErr_Clear(); /* it failed, and another thread was first */
    }
    return published;
}

/* pyshim_load with a report of this release, where no exception is pending. */
static int pyshim_core_load(const pyshim_build *build, pyshim_report *report)
{
    const pyshim_core_loaded *loaded;
    report->status = PYSHIM_LOAD_OK;
    if (pyshim_core_compare_headers(build, report) < 0) {
        return -1;
    }
    loaded = pyshim_core_obtain(report);
    if (loaded == NULL) {
        return -1;
    }
    report->status = PYSHIM_LOAD_OK;
    if (pyshim_core_compare_runtime(build, &loaded->facts, report) < 0) {
        return -1;
    }
    return pyshim_core_compare_needs(build, loaded, report);
}

int pyshim_load(const pyshim_build *build, pyshim_report *report)
{
    /* A caller of another release has room for what it knows, and nothing behind that. */
    size_t known = offsetof(pyshim_report, reserved);
    size_t room = report->size < known ? report->size : known;
    pyshim_core_pending earlier;
    pyshim_report full;
    int result;
    memset(&full, 0, sizeof(full));
    full.size = report->size;
    pyshim_core_set_aside(&earlier);
    result = pyshim_core_load(build, &full);
    pyshim_core_settle(&earlier);
    memcpy(report, &full, room);
    return result;
}

int pyshim_init_build(const pyshim_build *build)
{
    pyshim_core_pending earlier;
    pyshim_report report;
    memset(&report, 0, sizeof(report));
    pyshim_core_set_aside(&earlier);
    if (pyshim_core_load(build, &report) < 0) {
        pyshim_core_raise(&report, build);
    }
    return pyshim_core_settle(&earlier);
}

static PyObject *pyshim_core_list_providers(void)
{
    const pyshim_core_loaded *loaded = pyshim_core_get();
    PyObject *text = PyUnicode_FromString("");
    size_t slot;
    for (slot = 0; text != NULL && slot < PYSHIM_TABLE_LENGTH; slot++) {
        const char *provider = loaded != NULL ? loaded->providers[slot] : NULL;
        PyObject *line = PyUnicode_FromFormat("%s: %s\n", pyshim_core_slot_names[slot],
                                              provider != NULL ? provider : "none");
        PyObject *longer = line != NULL ? PyUnicode_Concat(text, line) : NULL;
        Py_DecRef(line);
        Py_DecRef(text);
        text = longer;
    }
    return text;
}

PyObject *pyshim_providers(void)
{
    pyshim_core_pending earlier;
    PyObject *text;
    pyshim_core_set_aside(&earlier);
    text = pyshim_core_list_providers();
    pyshim_core_settle(&earlier);
    return text;
}
