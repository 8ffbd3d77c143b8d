/* What the acts have to do with, made anew for each, and looked at afterwards. */
#ifndef FAULTS_FIXTURE_H
#define FAULTS_FIXTURE_H

/* In what state an act finds the core. */
typedef enum beginning {
    UNLOADED,  /* nothing is initialised */
    LOADED,    /* everything is */
    SUCCESSOR, /* on a CPython whose sections and GIL function can fail */
    OVERTAKEN  /* nothing is, and another thread initialises as soon as something fails */
} beginning;

static struct {
    PyObject *a, *b, *module;
    PyObject *exporter; /* has memory */
    Py_ssize_t count_a, count_b;
    PyObject *earlier; /* an exception that is pending, or NULL */
    pyshim_core_loaded *overtaking;
    pyshim_mutex mutex;
    pyshim_once once;
    pyshim_once_object once_object;
    pyshim_atomic_ref cell;
    char slots[2 * PYSHIM_UPSTREAM_GIL_PySlot_SIZE];
} fixture;

static PyModuleDef_Slot fixture_def_slots[] = {
    {PYSHIM_MOD_GIL_SLOT, PYSHIM_MOD_GIL_VALUE(PYSHIM_MOD_GIL_SECTIONS)},
    {0, NULL},
};

static PyModuleDef fixture_definition = {
    PyModuleDef_HEAD_INIT, "fixture", NULL, 0, NULL, fixture_def_slots, NULL, NULL, NULL,
};

/* A module with state, for types to belong to. */
static PyModuleDef fixture_owner_definition = {
    PyModuleDef_HEAD_INIT, "fixture", NULL, sizeof(long), NULL, NULL, NULL, NULL, NULL,
};

static pyshim_type fixture_type;

static void fixture_dealloc(PyObject *op)
{
    pyshim_type_dealloc_base(&fixture_type, op);
}

static PyType_Slot fixture_type_slots[] = {
    {Py_tp_dealloc, (void *)(uintptr_t)fixture_dealloc},
    {0, NULL},
};

static pyshim_type fixture_type =
    PYSHIM_TYPE("fixture.Type", long, Py_TPFLAGS_DEFAULT, fixture_type_slots);

static const pyshim_module_slot fixture_module_slots[] = {
    PYSHIM_SLOT_TYPE(&fixture_type),
    PYSHIM_SLOT_GIL(PYSHIM_MOD_GIL_SECTIONS),
    PYSHIM_SLOT_END,
};

static const pyshim_build fixture_build = PYSHIM_THIS_BUILD;
static pyshim_module fixture_declared = {"fixture", fixture_module_slots, NULL, &fixture_build, NULL};

/* Begins of CPython's that can fail, and end what they began. */
static void fixture_begin_section(void *section, PyObject *a)
{
    (void)section;
    (void)a;
    faults_call_due(__func__);
}

static void fixture_begin_section2(void *section, PyObject *a, PyObject *b)
{
    (void)section;
    (void)a;
    (void)b;
    faults_call_due(__func__);
}

static int fixture_set_gil(PyObject *module, void *value)
{
    (void)module;
    (void)value;
    return faults_call_due(__func__) ? -1 : 0;
}

/* Takes the core back to where it was before anybody initialised it. */
static void fixture_unload(void)
{
    pyshim_core_loaded *loaded = (pyshim_core_loaded *)(uintptr_t)pyshim_core_get();
    pyshim_core_export *each = (pyshim_core_export *)pyshim_core_exports;
    while (each != NULL) {
        pyshim_core_export *next = each->next;
        faults_free(each->resolved);
        faults_free(each);
        each = next;
    }
    pyshim_core_exports = NULL;
    if (fixture_definition.m_slots != fixture_def_slots) {
        faults_free(fixture_definition.m_slots);
        fixture_definition.m_slots = fixture_def_slots;
    }
    faults_free(fixture_declared.made);
    fixture_declared.made = NULL;
    faults_free((void *)(uintptr_t)fixture_type.made);
    fixture_type.made = NULL;
    pyshim_table_current = &pyshim_core_stubs;
    faults_free(loaded);
    faults_free(pyshim_core_hazard_first.next);
    memset(&pyshim_core_hazard_first, 0, sizeof(pyshim_core_hazard_first));
    pyshim_core_mutex_lock_slow = pyshim_core_mutex_unlock_slow = PYSHIM_EARLY_UNKNOWN;
    pyshim_core_state_get = pyshim_core_state_check = PYSHIM_EARLY_UNKNOWN;
    pyshim_core_state_id_at = 0;
    PyDict_Clear(PyThreadState_GetDict()); /* with the handles of stack references */
}

static void fixture_load(void)
{
    if (pyshim_init() < 0) {
        Py_FatalError("faults: nothing is injected, and pyshim cannot be initialised");
    }
}

static void fixture_overtake(void)
{
    if (fixture.overtaking != NULL && pyshim_core_get() == NULL) {
        pyshim_table_current = &fixture.overtaking->table;
        fixture.overtaking = NULL;
    }
    /* Readers hold a slot for a few instructions, so one gets free. */
    pyshim_core_hazard_first.slots[0].value = 0;
}

static void fixture_be_a_successor(void)
{
    pyshim_core_loaded *loaded = (pyshim_core_loaded *)(uintptr_t)pyshim_core_get();
    loaded->natives.pycriticalsection_begin = fixture_begin_section;
    loaded->natives.pycriticalsection2_begin = fixture_begin_section2;
    loaded->natives.pyunstable_module_setgil = fixture_set_gil;
    loaded->table.critical_section_begin = pyshim_core_critical_section_begin_or_abort;
    loaded->table.critical_section2_begin = pyshim_core_critical_section2_begin_or_abort;
    loaded->table.critical_section_begin_checked = pyshim_core_critical_section_begin_checked;
    loaded->table.critical_section2_begin_checked = pyshim_core_critical_section2_begin_checked;
    loaded->table.critical_section_end = pyshim_core_critical_section_end_no_op;
    loaded->table.critical_section2_end = pyshim_core_critical_section2_end_no_op;
}

/* A traceback, which is made once. */
static PyObject *fixture_traceback(void)
{
    static const char code[] = "try:\n raise ValueError\nexcept ValueError as error:\n"
                               " traceback = error.__traceback__\n";
    static PyObject *traceback;
    if (traceback == NULL) {
        PyObject *names = PyDict_New();
        PyObject *done = PyRun_String(code, Py_file_input, names, names);
        traceback = done != NULL ? PyDict_GetItemString(names, "traceback") : NULL;
        if (traceback == NULL) {
            Py_FatalError("faults: no traceback");
        }
        Py_INCREF(traceback);
        Py_DECREF(done);
        Py_DECREF(names);
    }
    return traceback;
}

static void fixture_begin(beginning how, int pending)
{
    const int id = PYSHIM_MOD_GIL_SLOT;
    memset(&fixture, 0, sizeof(fixture));
    memcpy(fixture.slots + PYSHIM_UPSTREAM_GIL_PySlot_sl_id, &id, sizeof(uint16_t));
    fixture.a = PyList_New(0);
    fixture.b = PyList_New(0);
    fixture.module = PyModule_Create(&fixture_owner_definition);
    fixture.exporter = PyByteArray_FromStringAndSize("abc", 3);
    fixture_unload();
    if (how == LOADED || how == SUCCESSOR) {
        fixture_load();
    }
    if (how == SUCCESSOR) {
        fixture_be_a_successor();
    }
    if (how == OVERTAKEN) {
        fixture_load();
        fixture.overtaking = (pyshim_core_loaded *)(uintptr_t)pyshim_core_get();
        pyshim_table_current = &pyshim_core_stubs;
    }
    faults.when_due = fixture_overtake;
    fixture.count_a = Py_REFCNT(fixture.a);
    fixture.count_b = Py_REFCNT(fixture.b);
    if (pending) {
        PyObject *type, *value, *traceback;
        PyErr_SetString(PyExc_ValueError, "earlier");
        PyErr_Fetch(&type, &value, &traceback);
        PyErr_NormalizeException(&type, &value, &traceback);
        fixture.earlier = value;
        Py_INCREF(value);
        Py_XDECREF(traceback);
        traceback = fixture_traceback();
        Py_INCREF(traceback);
        PyErr_Restore(type, value, traceback);
    }
}

/* What is not as it was, or NULL. */
static const char *fixture_end(void)
{
    const char *stuck = NULL;
    size_t i;
    if (fixture.mutex.bits != 0) {
        stuck = "the mutex is locked";
    }
    if (fixture.once.lock != 0 || fixture.once.owner != 0) {
        stuck = "the once is being initialised";
    }
    if (fixture.once_object.lock != 0 || fixture.once_object.owner != 0) {
        stuck = "the object is being made";
    }
    if (fixture.cell.value != NULL || fixture.once_object.value != NULL) {
        stuck = "a reference is left";
    }
    for (i = 0; i < PYSHIM_HAZARD_SLOTS; i++) {
        if (pyshim_core_hazard_first.slots[i].value > 1) {
            stuck = "a hazard slot is claimed";
        }
    }
    if (Py_REFCNT(fixture.a) != fixture.count_a || Py_REFCNT(fixture.b) != fixture.count_b) {
        stuck = "an object's count is not what it was";
    }
    faults_free(fixture.overtaking);
    faults_free(fixture.mutex.reserved);
    Py_CLEAR(fixture.earlier);
    fixture_unload();
    PyType_ClearCache(); /* it keeps names that were asked for */
    Py_CLEAR(fixture.a);
    Py_CLEAR(fixture.b);
    Py_CLEAR(fixture.module);
    Py_CLEAR(fixture.exporter);
    return stuck;
}

#endif
