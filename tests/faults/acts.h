/* What is done while something fails: every public function, each in some act. An act returns 0, or
 * -1 with an exception. */
#ifndef FAULTS_ACTS_H
#define FAULTS_ACTS_H

typedef struct act {
    const char *name;
    beginning begins;
    int (*body)(void);
    int always_raises;
    const char *may_end_with; /* a part of what the process may end with, or NULL */
    int makes_thread_states;  /* of which CPython keeps some memory, or hands it back late */
} act;

static const char *const faults_names[] = {"allocation", "allocations from", "call", "nothing"};

static int load(void)
{
    pyshim_build build = pyshim_this_build();
    pyshim_report report;
    memset(&report, 0, sizeof(report));
    report.size = sizeof(report);
    /* Only this failure comes with an exception. */
    return pyshim_load(&build, &report) < 0 && report.status == PYSHIM_LOAD_PYTHON ? -1 : 0;
}

static int init(void)
{
    return pyshim_init();
}

/* Fails in any case: with an ImportError, if there is memory for one. */
static int init_of_another_release(void)
{
    pyshim_build build = pyshim_this_build();
    build.table_hash++;
    return pyshim_init_build(&build);
}

static int providers(void)
{
    PyObject *text = pyshim_providers();
    Py_XDECREF(text);
    return text != NULL ? 0 : -1;
}

static int gil(void)
{
    pyshim_build build = pyshim_this_build();
    return pyshim_gil_decide(PYSHIM_MOD_GIL_SECTIONS, &build) < 0 ? -1 : 0;
}

static int gil_of_unknown_bits(void)
{
    pyshim_build build = pyshim_this_build();
    return pyshim_gil_decide(64, &build) < 0 ? -1 : 0;
}

static int module_init(void)
{
    pyshim_build build = pyshim_this_build();
    return pyshim_module_init_build(&fixture_definition, &build) != NULL ? 0 : -1;
}

static int module_export(void)
{
    pyshim_build build = pyshim_this_build();
    return pyshim_module_export_build(fixture.slots, &build) != NULL ? 0 : -1;
}

/* These fail when half of the work is done. */

static int module_init_of_unknown_bits(void)
{
    int result;
    fixture_def_slots[0].value = PYSHIM_MOD_GIL_VALUE(64);
    result = module_init();
    fixture_def_slots[0].value = PYSHIM_MOD_GIL_VALUE(PYSHIM_MOD_GIL_SECTIONS);
    return result;
}

static int module_export_of_unknown_bits(void)
{
    const uint64_t bits = 64;
    memcpy(fixture.slots + PYSHIM_UPSTREAM_GIL_PySlot_sl_uint64, &bits, sizeof(bits));
    return module_export();
}

static int module_hook_init(void)
{
    return pyshim_module_hook_init(&fixture_declared) != NULL ? 0 : -1;
}

static int module_hook_export(void)
{
    return pyshim_module_hook_export(&fixture_declared) != NULL ? 0 : -1;
}

/* A type, the state of its module, and an object that ends. */
static int type_new(void)
{
    PyObject *type = pyshim_type_new(fixture.module, &fixture_type, NULL);
    PyObject *object = NULL;
    if (type != NULL && pyshim_type_state(&fixture_type, type) != NULL) {
        faults.armed = 0; /* CPython's exceptions have no context */
        object = PyType_GenericAlloc((PyTypeObject *)type, 0);
        faults.armed = 1;
    }
    if (object != NULL) {
        (void)pyshim_type_visited(object);
        Py_DECREF(object); /* by pyshim_type_dealloc_base(), and over `object` pyshim_type_free() */
    }
    Py_XDECREF(type);
    return object != NULL ? 0 : -1;
}

static int ignored(PyObject *visited, void *argument)
{
    (void)visited;
    (void)argument;
    return 0;
}

static int type_new_over_a_base(void)
{
    PyObject *type = pyshim_type_new(fixture.module, &fixture_type, (PyObject *)&PyBaseObject_Type);
    PyObject *object = NULL;
    if (type != NULL) {
        faults.armed = 0;
        object = PyType_GenericAlloc((PyTypeObject *)type, 0);
        faults.armed = 1;
    }
    if (object != NULL) {
        (void)pyshim_type_traverse_base_by(&fixture_type, object, PYSHIM_ADDRESS(ignored), NULL);
        (void)pyshim_type_clear_base(&fixture_type, object);
    }
    Py_XDECREF(object); /* by pyshim_type_dealloc_base() */
    Py_XDECREF(type);
    return object != NULL ? 0 : -1;
}

/* As the exec slot of a declared module does, which no exception is pending in. */
static int type_added_to_a_module(void)
{
    pyshim_core_pending earlier;
    int result;
    pyshim_core_set_aside(&earlier);
    result = pyshim_core_add_type(fixture.module, &fixture_type);
    pyshim_core_settle(&earlier);
    return result;
}

/* Fails in any case, for the data is at another place than in the first. */
static int type_new_over_a_larger_base(void)
{
    PyObject *type = pyshim_type_new(fixture.module, &fixture_type, NULL);
    PyObject *other;
    if (type == NULL) {
        return -1;
    }
    Py_DECREF(type);
    other = pyshim_type_new(fixture.module, &fixture_type, (PyObject *)&PyList_Type);
    Py_XDECREF(other);
    return other != NULL ? 0 : -1;
}

static int module_set_gil(void)
{
    pyshim_build build = pyshim_this_build();
    return pyshim_module_set_gil_build(fixture.module, PYSHIM_MOD_GIL_SECTIONS, &build);
}

static int sections(void)
{
    pyshim_critical_section one;
    pyshim_critical_section2 two;
    pyshim_critical_section_begin(&one, fixture.a);
    pyshim_critical_section_end(&one);
    pyshim_critical_section2_begin(&two, fixture.a, fixture.b);
    pyshim_critical_section2_end(&two);
    (void)pyshim_critical_section_status();
    return 0;
}

static int checked_section(void)
{
    pyshim_critical_section one;
    if (pyshim_critical_section_begin_checked(&one, fixture.a) < 0) {
        return -1;
    }
    pyshim_critical_section_end(&one);
    return 0;
}

static int checked_section2(void)
{
    pyshim_critical_section2 two;
    if (pyshim_critical_section2_begin_checked(&two, fixture.a, fixture.b) < 0) {
        return -1;
    }
    pyshim_critical_section2_end(&two);
    return 0;
}

static int mutex_sections(void)
{
    static pyshim_mutex another;
    pyshim_critical_section one;
    pyshim_critical_section2 two;
    pyshim_critical_section_begin_mutex(&one, &fixture.mutex);
    pyshim_critical_section_end(&one);
    pyshim_critical_section2_begin_mutex(&two, &fixture.mutex, &another);
    pyshim_critical_section2_end(&two);
    return 0;
}

static int mutex(void)
{
    pyshim_mutex_note(&fixture.mutex, PYSHIM_MUTEX_USE_DIRECT, "here", 1);
    pyshim_mutex_lock(&fixture.mutex);
    if (pyshim_mutex_try_lock(&fixture.mutex) || !pyshim_mutex_is_locked(&fixture.mutex)) {
        Py_FatalError("faults: the mutex was not locked");
    }
    pyshim_mutex_unlock(&fixture.mutex);
    (void)pyshim_mutex_scheme();
    return 0;
}

static int once(void)
{
    int begun = pyshim_once_begin(&fixture.once);
    if (begun == 1) {
        pyshim_once_end(&fixture.once, 0);
        begun = pyshim_once_begin(&fixture.once);
        pyshim_once_end(&fixture.once, 1);
    }
    if (!pyshim_once_is_done(&fixture.once)) {
        Py_FatalError("faults: it was not done");
    }
    return begun < 0 ? -1 : 0;
}

static int once_within_itself(void)
{
    int again;
    pyshim_once_begin(&fixture.once);
    again = pyshim_once_begin(&fixture.once);
    pyshim_once_end(&fixture.once, 0);
    return again < 0 ? -1 : 0;
}

static int once_object(void)
{
    if (pyshim_once_object_begin(&fixture.once_object) < 0) {
        return -1;
    }
    Py_INCREF(fixture.a);
    pyshim_once_object_end(&fixture.once_object, fixture.a);
    if (pyshim_once_object_get(&fixture.once_object) != fixture.a) {
        Py_FatalError("faults: it is another object");
    }
    pyshim_once_object_clear(&fixture.once_object);
    return 0;
}

static int try_incref(void)
{
    pyshim_enable_try_incref(fixture.a);
    if (pyshim_try_incref(fixture.a)) {
        Py_DECREF(fixture.a);
    }
    return 0;
}

static int atomic_ref(void)
{
    size_t i;
    /* All slots are taken, so that a block is needed. */
    for (i = 0; i < PYSHIM_HAZARD_SLOTS; i++) {
        pyshim_core_hazard_first.slots[i].value = 1;
    }
    pyshim_atomic_ref_store(&fixture.cell, fixture.a);
    Py_DECREF(pyshim_atomic_ref_load(&fixture.cell));
    (void)pyshim_atomic_ref_peek(&fixture.cell);
    (void)pyshim_atomic_ref_scheme();
    if (!pyshim_atomic_ref_compare_exchange(&fixture.cell, fixture.a, fixture.b)) {
        Py_FatalError("faults: the cell has another value");
    }
    Py_DECREF(pyshim_atomic_ref_swap(&fixture.cell, NULL));
    return 0;
}

static int stack_refs(void)
{
    pyshim_stack_ref_frame frame;
    pyshim_stack_ref ref, dup, back;
    pyshim_stack_borrow borrow, of_object;
    pyshim_stack_ref_report report;
    Py_INCREF(fixture.a);
    pyshim_stack_ref_frame_push(&frame);
    ref = pyshim_stack_ref_from_object_steal(fixture.a);
    dup = pyshim_stack_ref_dup(ref);
    borrow = pyshim_stack_ref_borrow(ref);
    back = pyshim_stack_borrow_dup(borrow);
    of_object = pyshim_stack_ref_from_object_borrow(pyshim_stack_borrow_as_object(borrow));
    pyshim_stack_borrow_end(of_object);
    pyshim_stack_borrow_end(borrow);
    Py_DECREF(pyshim_stack_ref_as_object_new(dup));
    (void)pyshim_stack_ref_as_object_borrow(dup);
    pyshim_stack_ref_close(dup);
    pyshim_stack_ref_xclose(pyshim_stack_ref_null());
    Py_DECREF(pyshim_stack_ref_as_object_steal(back));
    back = pyshim_stack_ref_from_object_new(fixture.b);
    pyshim_stack_ref_clear(&back);
    if (!pyshim_stack_ref_is_null(back) || !pyshim_stack_ref_checking()) {
        Py_FatalError("faults: it was not cleared, or nothing is checked");
    }
    ref = pyshim_stack_ref_frame_pop(&frame, ref);
    pyshim_stack_ref_close(ref);
    /* A mistake, of which the report is kept. */
    pyshim_stack_ref_keep_reports(1);
    pyshim_stack_ref_close(ref);
    memset(&report, 0, sizeof(report));
    report.size = sizeof(report);
    if (!pyshim_stack_ref_take_report(&report)) {
        Py_FatalError("faults: the mistake was not seen");
    }
    pyshim_stack_ref_keep_reports(0);
    return 0;
}

/* As callers without the headers do it. */
static int stack_words(void)
{
    const pyshim_stack_ref_place at = {"here", 4, 1, NULL};
    pyshim_stack_ref_frame frame;
    pyshim_stack_ref cleared;
    void *ref, *dup, *borrow, *of_object;
    pyshim_stack_ref_frame_push_at(&frame, &at);
    ref = pyshim_stack_ref_from_object_new_at(fixture.a, &at);
    dup = pyshim_stack_ref_dup_at(ref, &at);
    borrow = pyshim_stack_ref_borrow_at(ref, &at);
    cleared.word = pyshim_stack_borrow_dup_at(borrow, &at);
    of_object =
        pyshim_stack_ref_from_object_borrow_at(pyshim_stack_borrow_as_object_at(borrow, &at), &at);
    pyshim_stack_borrow_end_at(of_object, &at);
    pyshim_stack_borrow_end_at(borrow, &at);
    pyshim_stack_ref_clear_at(&cleared, &at);
    Py_DECREF(pyshim_stack_ref_as_object_new_at(dup, &at));
    (void)pyshim_stack_ref_as_object_borrow_at(dup, &at);
    pyshim_stack_ref_xclose_at(dup, &at);
    dup = pyshim_stack_ref_from_object_steal_at(pyshim_stack_ref_as_object_steal_at(ref, &at), &at);
    dup = pyshim_stack_ref_frame_pop_at(&frame, dup, &at);
    pyshim_stack_ref_close_at(dup, &at);
    return 0;
}

/* With an exception that says what failed first. */
static void withdraw(PyObject *token)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    faults.armed = 0;
    if (pyshim_view_withdraw(token) != 1) {
        Py_FatalError("faults: a view is not there to be withdrawn");
    }
    faults.armed = 1;
    PyErr_Restore(type, value, traceback);
}

static int views(void)
{
    pyshim_view_counts counts;
    PyObject *token = pyshim_view_send(fixture.exporter);
    PyObject *memory;
    int failed;
    if (token == NULL) {
        return -1;
    }
    memory = pyshim_view_open(token);
    if (memory == NULL) {
        withdraw(token); /* for it can be tried again */
        Py_DECREF(token);
        return -1;
    }
    Py_DECREF(token);
    failed = pyshim_view_close(memory);
    faults.armed = 0;
    Py_DECREF(memory);
    faults.armed = 1;
    pyshim_view_count(&counts);
    if (counts.sent != 0 || counts.open != 0 || counts.pinned != 0) {
        Py_FatalError("faults: a view is left");
    }
    return failed;
}

/* Another interpreter, of this process only, or NULL as long as nobody asked for it. */
static PyThreadState *other;

static PyThreadState *other_interpreter(void)
{
    if (other == NULL) {
        PyThreadState *here = PyThreadState_Get();
        faults.armed = 0;
        other = Py_NewInterpreter();
        PyRun_SimpleString("import sys; sys.unraisablehook = lambda _: None");
        PyThreadState_Swap(here);
        faults.armed = 1;
        if (other == NULL) {
            Py_FatalError("faults: no other interpreter");
        }
    }
    return other;
}

/* Each interpreter has garbage, free lists and a cache of attributes' names of its own. */
static void collect_everywhere(void)
{
    PyGC_Collect();
    if (other != NULL) {
        PyThreadState *here = PyThreadState_Swap(other);
        PyType_ClearCache();
        PyGC_Collect();
        PyThreadState_Swap(here);
    }
}

/* What failed in the other interpreter is an exception there. */
static int look_there(int failed)
{
    if (failed != (PyErr_Occurred() != NULL)) {
        Py_FatalError("faults: what fails there has an exception, and nothing else has");
    }
    PyErr_Clear();
    return failed;
}

/* Opens a view in the interpreter that is attached, and closes it. What its object gave goes to `given`.
 * Whether it could be opened. */
static int open_and_close(unsigned long long number, pyshim_core_buffer *given)
{
    PyObject *token, *memory;
    faults.armed = 0;
    token = PyLong_FromUnsignedLongLong(number);
    faults.armed = 1;
    memory = pyshim_view_open(token);
    Py_DECREF(token);
    if (look_there(memory == NULL)) {
        return 0;
    }
    *given = ((pyshim_core_view *)pyshim_core_pointers(
                  PyMemoryView_GET_BUFFER(memory)->obj)[PYSHIM_CORE_OPENED_VIEW])
                 ->given;
    look_there(pyshim_view_close(memory) < 0);
    faults.armed = 0;
    Py_DECREF(memory); /* which closes it, where the method could not be called */
    faults.armed = 1;
    return 1;
}

/* Closing a view goes to the interpreter that sent it, and comes back. Where it cannot go, the object
 * stays, and is counted. */
static int views_of_another_interpreter(void)
{
    PyThreadState *there = other_interpreter(), *here;
    PyObject *type, *value, *traceback;
    PyObject *token = pyshim_view_send(fixture.exporter);
    pyshim_core_buffer given;
    pyshim_view_counts counts;
    int opened;
    if (token == NULL) {
        return -1;
    }
    PyErr_Fetch(&type, &value, &traceback);
    here = PyThreadState_Swap(there);
    opened = open_and_close(pyshim_core_token_base() + pyshim_core_views.last, &given);
    PyThreadState_Swap(here);
    PyErr_Restore(type, value, traceback);
    if (!opened) {
        withdraw(token);
    }
    Py_DECREF(token);
    pyshim_view_count(&counts);
    if (counts.pinned == 1) {
        pyshim_core_views.pinned = 0;
        PyBuffer_Release((Py_buffer *)(void *)&given);
        counts.pinned = 0;
    }
    if (counts.sent != 0 || counts.open != 0 || counts.pinned != 0) {
        Py_FatalError("faults: a view is left");
    }
    return 0;
}

/* A thread goes from one interpreter to another, or stays where it is. */
static int entries_from_another_interpreter(void)
{
    PyThreadState *there = other_interpreter(), *here;
    pyshim_interpreter_view view;
    pyshim_thread_entry entry;
    if (pyshim_interpreter_view_from_current(&view) < 0) {
        return -1;
    }
    here = PyThreadState_Swap(there);
    if (pyshim_thread_ensure_from_view(&entry, &view)) {
        pyshim_thread_release(&entry);
    }
    look_there(0);
    if (PyThreadState_Swap(here) != there) {
        Py_FatalError("faults: it is not where it came from");
    }
    pyshim_interpreter_view_close(&view);
    return 0;
}

static PyObject *raise_earlier(PyObject *self, PyObject *unused)
{
    PyObject *value = fixture.earlier;
    (void)self;
    (void)unused;
    if (value == NULL) {
        PyErr_SetString(PyExc_ValueError, "not earlier");
    } else {
        Py_INCREF(Py_TYPE(value));
        Py_INCREF(value);
        PyErr_Restore((PyObject *)Py_TYPE(value), value, NULL);
    }
    return NULL;
}

/* The exception that is pending is raised by what is called, which does not make it its own context. */
static int raised_once_more(void)
{
    static PyMethodDef release = {"release", raise_earlier, METH_NOARGS, NULL};
    PyObject *type, *value, *traceback, *function, *context;
    int failed;
    PyErr_Fetch(&type, &value, &traceback);
    faults.armed = 0;
    function = PyCFunction_New(&release, NULL);
    PyObject_SetAttrString(fixture.module, "release", function);
    Py_XDECREF(function);
    faults.armed = 1;
    PyErr_Restore(type, value, traceback);
    failed = pyshim_view_close(fixture.module);
    context = fixture.earlier != NULL ? PyException_GetContext(fixture.earlier) : NULL;
    if (context != NULL) {
        Py_FatalError("faults: an exception is its own context");
    }
    return failed;
}

static int withdrawn_view(void)
{
    PyObject *token = pyshim_view_send(fixture.exporter);
    int was;
    if (token == NULL) {
        return -1;
    }
    was = pyshim_view_withdraw(token);
    if (was < 0) {
        withdraw(token);
    }
    Py_DECREF(token);
    return was < 0 ? -1 : 0;
}

static int entries(void)
{
    pyshim_interpreter_view view;
    pyshim_interpreter_guard guard, another;
    pyshim_thread_entry entry;
    if (pyshim_interpreter_view_from_current(&view) < 0) {
        return -1;
    }
    if (pyshim_interpreter_guard_from_current(&guard) < 0) {
        pyshim_interpreter_view_close(&view);
        return -1;
    }
    if (pyshim_thread_ensure(&entry, &guard)) {
        pyshim_thread_release(&entry);
    }
    if (pyshim_thread_ensure_from_view(&entry, &view)) {
        pyshim_thread_release(&entry);
    }
    if (pyshim_interpreter_guard_from_view(&another, &view)) {
        pyshim_interpreter_guard_close(&another);
    }
    pyshim_interpreter_guard_close(&guard);
    pyshim_interpreter_view_close(&view);
    return 0;
}

static const char no_memory_for_checks[] = "pyshim: no memory left for checking stack references";
static const char cannot_begin[] = "pyshim_critical_section";

static const act acts[] = {
    {"views", LOADED, views, 0, NULL, 0},
    {"withdrawn view", LOADED, withdrawn_view, 0, NULL, 0},
    {"views of another interpreter", LOADED, views_of_another_interpreter, 0, NULL, 1},
    {"entries from another interpreter", LOADED, entries_from_another_interpreter, 0, NULL, 1},
    {"raised once more", LOADED, raised_once_more, 1, NULL, 0},
    {"entries", LOADED, entries, 0, NULL, 0},
    {"load", UNLOADED, load, 0, NULL, 0},
    {"init", UNLOADED, init, 0, NULL, 0},
    {"init of another release", UNLOADED, init_of_another_release, 1, NULL, 0},
    {"init while another thread does", OVERTAKEN, init, 0, NULL, 0},
    {"providers", LOADED, providers, 0, NULL, 0},
    {"gil", UNLOADED, gil, 0, NULL, 0},
    {"gil of unknown bits", LOADED, gil_of_unknown_bits, 1, NULL, 0},
    {"module init", UNLOADED, module_init, 0, NULL, 0},
    {"module init while another thread does", OVERTAKEN, module_init, 0, NULL, 0},
    {"module export", UNLOADED, module_export, 0, NULL, 0},
    {"module init of unknown bits", UNLOADED, module_init_of_unknown_bits, 1, NULL, 0},
    {"module export of unknown bits", UNLOADED, module_export_of_unknown_bits, 1, NULL, 0},
    {"module hook init", UNLOADED, module_hook_init, 0, NULL, 0},
    {"module hook init while another thread does", OVERTAKEN, module_hook_init, 0, NULL, 0},
    {"module hook export", UNLOADED, module_hook_export, 0, NULL, 0},
    {"type", LOADED, type_new, 0, NULL, 0},
    {"type over a base", LOADED, type_new_over_a_base, 0, NULL, 0},
    {"type that a module gets", LOADED, type_added_to_a_module, 0, NULL, 0},
    {"type over a larger base", LOADED, type_new_over_a_larger_base, 1, NULL, 0},
    {"module set gil", UNLOADED, module_set_gil, 0, NULL, 0},
    {"module set gil that can fail", SUCCESSOR, module_set_gil, 0, NULL, 0},
    {"sections", LOADED, sections, 0, NULL, 0},
    {"sections that can fail", SUCCESSOR, sections, 0, cannot_begin, 0},
    {"checked section", LOADED, checked_section, 0, NULL, 0},
    {"checked section that can fail", SUCCESSOR, checked_section, 0, NULL, 0},
    {"checked section2", LOADED, checked_section2, 0, NULL, 0},
    {"checked section2 that can fail", SUCCESSOR, checked_section2, 0, NULL, 0},
    {"checked section before anything", UNLOADED, checked_section, 1, NULL, 0},
    {"checked section2 before anything", UNLOADED, checked_section2, 1, NULL, 0},
    {"mutex sections", LOADED, mutex_sections, 0, NULL, 0},
    {"mutex", UNLOADED, mutex, 0, NULL, 0},
    {"once", UNLOADED, once, 0, NULL, 0},
    {"once within itself", UNLOADED, once_within_itself, 1, NULL, 0},
    {"once object", UNLOADED, once_object, 0, NULL, 0},
    {"try-incref", LOADED, try_incref, 0, NULL, 0},
    {"atomic reference", LOADED, atomic_ref, 0, NULL, 0},
    {"stack references", UNLOADED, stack_refs, 0, no_memory_for_checks, 0},
    {"stack references as words", UNLOADED, stack_words, 0, no_memory_for_checks, 0},
};

#endif
