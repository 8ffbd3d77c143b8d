/* The test extension: everything that pyshim offers, callable from Python. One source for C and
 * C++, for the full API, the limited API and abi3t. */
#include "pyshim.h"

#include <stdlib.h> /* calloc, free */
#ifdef __cplusplus
#include <mutex> /* std::lock_guard */
#endif

/* A number that only sections protect. */
static volatile long long total = 0;

static PyObject *count(PyObject *self, PyObject *args)
{
    PyObject *op;
    long n, i;
    (void)self;
    if (!PyArg_ParseTuple(args, "Ol", &op, &n)) {
        return NULL;
    }
    for (i = 0; i < n; i++) {
#ifdef __cplusplus
        pyshim::critical_section_guard guard(op);
        total = total + 1;
#else
        PYSHIM_BEGIN_CRITICAL_SECTION(op)
        total = total + 1;
        PYSHIM_END_CRITICAL_SECTION()
#endif
    }
    return PyLong_FromLongLong(total);
}

static PyObject *count2(PyObject *self, PyObject *args)
{
    PyObject *a, *b;
    long n, i;
    (void)self;
    if (!PyArg_ParseTuple(args, "OOl", &a, &b, &n)) {
        return NULL;
    }
    for (i = 0; i < n; i++) {
#ifdef __cplusplus
        pyshim::critical_section2_guard guard(a, b);
        total = total + 1;
#else
        PYSHIM_BEGIN_CRITICAL_SECTION2(a, b)
        total = total + 1;
        PYSHIM_END_CRITICAL_SECTION2()
#endif
    }
    return PyLong_FromLongLong(total);
}

/* Leaves the section by an early exit every other time. */
static int add_one(PyObject *op, long i)
{
    pyshim_critical_section cs;
    if (pyshim_critical_section_begin_checked(&cs, op) < 0) {
        return -1;
    }
    total = total + 1;
    if (i % 2 == 0) {
        pyshim_critical_section_end(&cs);
        return 0;
    }
    pyshim_critical_section_end(&cs);
    return 0;
}

static PyObject *count_checked(PyObject *self, PyObject *args)
{
    PyObject *op;
    long n, i;
    (void)self;
    if (!PyArg_ParseTuple(args, "Ol", &op, &n)) {
        return NULL;
    }
    for (i = 0; i < n; i++) {
        if (add_one(op, i) < 0) {
            return NULL;
        }
    }
    return PyLong_FromLongLong(total);
}

/* Begins a checked section over two objects; what it raises is the caller's to see. */
static PyObject *begin2_checked(PyObject *self, PyObject *args)
{
    pyshim_critical_section2 cs;
    PyObject *a, *b;
    (void)self;
    if (!PyArg_ParseTuple(args, "OO", &a, &b)
        || pyshim_critical_section2_begin_checked(&cs, a, b) < 0) {
        return NULL;
    }
    pyshim_critical_section2_end(&cs);
    return PyLong_FromLong(0);
}

static PyObject *reset(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    total = 0;
    return PyLong_FromLong(0);
}

static PyObject *get_total(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    return PyLong_FromLongLong(total);
}

static PyObject *status(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    return PyLong_FromLong(pyshim_critical_section_status());
}

static PyObject *scheme(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    return PyUnicode_FromString(pyshim_atomic_ref_scheme());
}

static PyObject *providers(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    return pyshim_providers();
}

static PyObject *try_incref(PyObject *self, PyObject *op)
{
    int taken = pyshim_try_incref(op);
    (void)self;
    if (taken) {
        Py_DecRef(op);
    }
    return PyBool_FromLong(taken);
}

static PyObject *enable(PyObject *self, PyObject *op)
{
    (void)self;
    pyshim_enable_try_incref(op);
    return PyLong_FromLong(0);
}

/* The one cell of this process. Python code keeps its values alive only through it. */
static pyshim_atomic_ref cell;

/* None stands for an empty cell, in both directions. */
static PyObject *from_cell(PyObject *op)
{
    if (op != NULL) {
        return op;
    }
    Py_IncRef(Py_None);
    return Py_None;
}

static PyObject *to_cell(PyObject *op)
{
    return op == Py_None ? NULL : op;
}

static PyObject *cell_load(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    return from_cell(pyshim_atomic_ref_load(&cell));
}

static PyObject *cell_store(PyObject *self, PyObject *op)
{
    (void)self;
    pyshim_atomic_ref_store(&cell, to_cell(op));
    return PyLong_FromLong(0);
}

static PyObject *cell_swap(PyObject *self, PyObject *op)
{
    (void)self;
    return from_cell(pyshim_atomic_ref_swap(&cell, to_cell(op)));
}

static PyObject *cell_cas(PyObject *self, PyObject *args)
{
    PyObject *expected, *desired;
    (void)self;
    if (!PyArg_ParseTuple(args, "OO", &expected, &desired)) {
        return NULL;
    }
    return PyBool_FromLong(
        pyshim_atomic_ref_compare_exchange(&cell, to_cell(expected), to_cell(desired)));
}

/* Whether peek sees the very object. */
static PyObject *cell_is(PyObject *self, PyObject *op)
{
    (void)self;
    return PyBool_FromLong(pyshim_atomic_ref_peek(&cell) == to_cell(op));
}

/* Loads n times and drops what was loaded, without Python code in between. */
static PyObject *cell_hammer(PyObject *self, PyObject *args)
{
    long n, i, seen = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "l", &n)) {
        return NULL;
    }
    for (i = 0; i < n; i++) {
        PyObject *op = pyshim_atomic_ref_load(&cell);
        if (op != NULL) {
            seen++;
            Py_DecRef(op);
        }
    }
    return PyLong_FromLong(seen);
}

/* (op, op), by way of references that are duplicated, borrowed and returned out of a frame. */
static pyshim_stack_ref stack_pair_of(PyObject *op)
{
    pyshim_stack_ref_frame frame;
    pyshim_stack_ref first, second;
    pyshim_stack_borrow lent;
    PyObject *pair;
    pyshim_stack_ref_frame_push(&frame);
    first = pyshim_stack_ref_from_object_new(op);
    second = pyshim_stack_ref_dup(first);
    lent = pyshim_stack_ref_borrow(second);
    pair = Py_BuildValue("(NO)", pyshim_stack_ref_as_object_steal(first),
                         pyshim_stack_borrow_as_object(lent));
    pyshim_stack_borrow_end(lent);
    pyshim_stack_ref_clear(&second);
    return pyshim_stack_ref_frame_pop(&frame, pyshim_stack_ref_from_object_steal(pair));
}

static PyObject *stack_pair(PyObject *self, PyObject *op)
{
    pyshim_stack_ref pair = stack_pair_of(op);
    PyObject *result = PySequence_List(pyshim_stack_ref_as_object_borrow(pair));
    (void)self;
    pyshim_stack_ref_xclose(pair);
    return result;
}

/* One that is locked and unlocked, and two for sections. */
#ifdef __cplusplus
static pyshim::mutex mutex, section_mutexes[2];
#define DEMO_MUTEX(m) (m).native_handle()
#else
static pyshim_mutex mutex, section_mutexes[2];
#define DEMO_MUTEX(m) (&(m))
#endif

static PyObject *mutex_lock(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    pyshim_mutex_lock(DEMO_MUTEX(mutex));
    return PyLong_FromLong(0);
}

static PyObject *mutex_try_lock(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    return PyBool_FromLong(pyshim_mutex_try_lock(DEMO_MUTEX(mutex)));
}

static PyObject *mutex_unlock(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    pyshim_mutex_unlock(DEMO_MUTEX(mutex));
    return PyLong_FromLong(0);
}

static PyObject *mutex_is_locked(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    return PyBool_FromLong(pyshim_mutex_is_locked(DEMO_MUTEX(mutex)));
}

static PyObject *mutex_scheme(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    return PyUnicode_FromString(pyshim_mutex_scheme());
}

/* Counts without the thread state, where nothing but the mutex protects the number. */
static PyObject *mutex_count(PyObject *self, PyObject *args)
{
    long n, i;
    (void)self;
    if (!PyArg_ParseTuple(args, "l", &n)) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    for (i = 0; i < n; i++) {
#ifdef __cplusplus
        std::lock_guard<pyshim::mutex> guard(mutex);
        total = total + 1;
#else
        pyshim_mutex_lock(&mutex);
        total = total + 1;
        pyshim_mutex_unlock(&mutex);
#endif
    }
    Py_END_ALLOW_THREADS
    return PyLong_FromLong(0);
}

static PyObject *mutex_section_count(PyObject *self, PyObject *args)
{
    long n, i;
    (void)self;
    if (!PyArg_ParseTuple(args, "l", &n)) {
        return NULL;
    }
    for (i = 0; i < n; i++) {
#ifdef __cplusplus
        pyshim::critical_section_mutex_guard guard(section_mutexes[0]);
        total = total + 1;
#else
        pyshim_critical_section cs;
        pyshim_critical_section_begin_mutex(&cs, &section_mutexes[0]);
        total = total + 1;
        pyshim_critical_section_end(&cs);
#endif
    }
    return PyLong_FromLong(0);
}

/* In the order that `first` says: 0 or 1, or the same mutex twice for 2. */
static PyObject *mutex_section2_count(PyObject *self, PyObject *args)
{
    long first, n, i, a, b;
    (void)self;
    if (!PyArg_ParseTuple(args, "ll", &first, &n)) {
        return NULL;
    }
    a = first == 1;
    b = first == 0;
    for (i = 0; i < n; i++) {
#ifdef __cplusplus
        pyshim::critical_section2_mutex_guard guard(section_mutexes[a], section_mutexes[b]);
        total = total + 1;
#else
        pyshim_critical_section2 cs;
        pyshim_critical_section2_begin_mutex(&cs, &section_mutexes[a], &section_mutexes[b]);
        total = total + 1;
        pyshim_critical_section2_end(&cs);
#endif
    }
    return PyLong_FromLong(0);
}

/* Calls something inside of a section, which is suspended when that waits. */
static PyObject *mutex_section_call(PyObject *self, PyObject *callable)
{
    pyshim_critical_section cs;
    PyObject *result;
    (void)self;
    pyshim_critical_section_begin_mutex(&cs, DEMO_MUTEX(section_mutexes[0]));
    result = PyObject_CallObject(callable, NULL);
    pyshim_critical_section_end(&cs);
    return result;
}

/* Initialises by calling something. */
static int call_it(void *callable)
{
    PyObject *result = PyObject_CallObject((PyObject *)callable, NULL);
    Py_XDECREF(result);
    return result != NULL ? 0 : -1;
}

#ifdef __cplusplus
static pyshim::once once;
#else
static pyshim_once once;
#endif

static PyObject *once_call(PyObject *self, PyObject *callable)
{
#ifdef __cplusplus
    int result = once.call([callable] { return call_it(callable); });
#else
    int result = pyshim_once_call(&once, call_it, callable);
#endif
    (void)self;
    return result < 0 ? NULL : PyLong_FromLong(0);
}

static PyObject *once_is_done(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
#ifdef __cplusplus
    return PyBool_FromLong(once.is_done());
#else
    return PyBool_FromLong(pyshim_once_is_done(&once));
#endif
}

/* The one of this process, since tests use one interpreter; it belongs into a module's state. */
static pyshim_once_object once_object;

static PyObject *make_it(void *callable)
{
    return PyObject_CallObject((PyObject *)callable, NULL);
}

static PyObject *once_object_make(PyObject *self, PyObject *callable)
{
    PyObject *made = pyshim_once_object_call(&once_object, make_it, callable);
    (void)self;
    Py_XINCREF(made);
    return made;
}

static PyObject *once_object_get(PyObject *self, PyObject *unused)
{
    PyObject *made = pyshim_once_object_get(&once_object);
    (void)self;
    (void)unused;
    Py_XINCREF(made);
    return from_cell(made);
}

static PyObject *once_object_clear(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    pyshim_once_object_clear(&once_object);
    return PyLong_FromLong(0);
}

static PyObject *view_send(PyObject *self, PyObject *exporter)
{
    (void)self;
#ifdef __cplusplus
    pyshim::sent_view view(exporter);
    return view.release();
#else
    return pyshim_view_send(exporter);
#endif
}

/* Sends, and withdraws. How many were sent meanwhile. */
static PyObject *view_try(PyObject *self, PyObject *exporter)
{
    pyshim_view_counts during, after;
    (void)self;
#ifdef __cplusplus
    {
        pyshim::sent_view view(exporter);
        if (view.token() == nullptr) {
            return nullptr;
        }
        pyshim_view_count(&during);
    }
#else
    {
        PyObject *token = pyshim_view_send(exporter);
        int withdrawn;
        if (token == NULL) {
            return NULL;
        }
        pyshim_view_count(&during);
        withdrawn = pyshim_view_withdraw(token);
        Py_DecRef(token);
        if (withdrawn < 0) {
            return NULL;
        }
    }
#endif
    pyshim_view_count(&after);
    return PyLong_FromSize_t(during.sent - after.sent);
}

static PyObject *view_open(PyObject *self, PyObject *token)
{
    (void)self;
    return pyshim_view_open(token);
}

static PyObject *view_close(PyObject *self, PyObject *memory)
{
    (void)self;
    return pyshim_view_close(memory) < 0 ? NULL : PyLong_FromLong(0);
}

static PyObject *view_withdraw(PyObject *self, PyObject *token)
{
    int was = pyshim_view_withdraw(token);
    (void)self;
    return was < 0 ? NULL : PyBool_FromLong(was);
}

/* Sent, open and pinned ones as the digits of a number. */
static PyObject *view_count(PyObject *self, PyObject *unused)
{
    pyshim_view_counts counts;
    (void)self;
    (void)unused;
    pyshim_view_count(&counts);
    return PyLong_FromSize_t(counts.sent * 100 + counts.open * 10 + counts.pinned);
}

/* Enters the interpreter that it is in; whether a number that was made there is what it should be. */
static PyObject *view_enter(PyObject *self, PyObject *unused)
{
    PyObject *number;
    long made = 0;
    (void)self;
    (void)unused;
#ifdef __cplusplus
    pyshim::interpreter_view view;
    if (!view.valid()) {
        return nullptr;
    }
    pyshim::thread_entry entry(view);
    if (entry.entered()) {
        number = PyLong_FromLong(21);
        made = number != nullptr ? PyLong_AsLong(number) : 0;
        Py_DecRef(number);
    }
#else
    {
        pyshim_interpreter_view view;
        pyshim_thread_entry entry;
        if (pyshim_interpreter_view_from_current(&view) < 0) {
            return NULL;
        }
        if (pyshim_thread_ensure_from_view(&entry, &view)) {
            number = PyLong_FromLong(21);
            made = number != NULL ? PyLong_AsLong(number) : 0;
            Py_DecRef(number);
            pyshim_thread_release(&entry);
        }
        pyshim_interpreter_view_close(&view);
    }
#endif
    return PyBool_FromLong(made == 21);
}

static PyMethodDef methods[] = {
    {"count", count, METH_VARARGS, NULL},
    {"count2", count2, METH_VARARGS, NULL},
    {"count_checked", count_checked, METH_VARARGS, NULL},
    {"begin2_checked", begin2_checked, METH_VARARGS, NULL},
    {"reset", reset, METH_NOARGS, NULL},
    {"total", get_total, METH_NOARGS, NULL},
    {"status", status, METH_NOARGS, NULL},
    {"scheme", scheme, METH_NOARGS, NULL},
    {"providers", providers, METH_NOARGS, NULL},
    {"try_incref", try_incref, METH_O, NULL},
    {"enable", enable, METH_O, NULL},
    {"cell_load", cell_load, METH_NOARGS, NULL},
    {"cell_store", cell_store, METH_O, NULL},
    {"cell_swap", cell_swap, METH_O, NULL},
    {"cell_cas", cell_cas, METH_VARARGS, NULL},
    {"cell_is", cell_is, METH_O, NULL},
    {"cell_hammer", cell_hammer, METH_VARARGS, NULL},
    {"stack_pair", stack_pair, METH_O, NULL},
    {"mutex_lock", mutex_lock, METH_NOARGS, NULL},
    {"mutex_try_lock", mutex_try_lock, METH_NOARGS, NULL},
    {"mutex_unlock", mutex_unlock, METH_NOARGS, NULL},
    {"mutex_is_locked", mutex_is_locked, METH_NOARGS, NULL},
    {"mutex_scheme", mutex_scheme, METH_NOARGS, NULL},
    {"mutex_count", mutex_count, METH_VARARGS, NULL},
    {"mutex_section_count", mutex_section_count, METH_VARARGS, NULL},
    {"mutex_section2_count", mutex_section2_count, METH_VARARGS, NULL},
    {"mutex_section_call", mutex_section_call, METH_O, NULL},
    {"once_call", once_call, METH_O, NULL},
    {"once_is_done", once_is_done, METH_NOARGS, NULL},
    {"once_object_make", once_object_make, METH_O, NULL},
    {"once_object_get", once_object_get, METH_NOARGS, NULL},
    {"once_object_clear", once_object_clear, METH_NOARGS, NULL},
    {"view_send", view_send, METH_O, NULL},
    {"view_try", view_try, METH_O, NULL},
    {"view_open", view_open, METH_O, NULL},
    {"view_close", view_close, METH_O, NULL},
    {"view_withdraw", view_withdraw, METH_O, NULL},
    {"view_count", view_count, METH_NOARGS, NULL},
    {"view_enter", view_enter, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static int exec(PyObject *module)
{
    PyObject *direct = PyBool_FromLong(PYSHIM_DIRECT);
    int result = direct != NULL ? PyObject_SetAttrString(module, "direct", direct) : -1;
    Py_DecRef(direct);
    return result;
}

/* Tests give other bits than the usual ones, or another name. */
#ifndef DEMO_GIL_BITS
#define DEMO_GIL_BITS PYSHIM_MOD_GIL_SECTIONS
#endif

#ifdef Py_TARGET_ABI3T
PyABIInfo_VAR(abi_info);

static PySlot slots[] = {
    PySlot_PTR(Py_mod_name, "demo"),
    PySlot_PTR_STATIC(Py_mod_methods, methods),
    PySlot_PTR(Py_mod_abi, &abi_info),
    PySlot_PTR(Py_mod_exec, exec),
    PySlot_PTR(PYSHIM_MOD_GIL_SLOT, PYSHIM_MOD_GIL_VALUE(DEMO_GIL_BITS)),
    PySlot_END,
};

PyMODEXPORT_FUNC PyModExport_demo(void)
{
    return pyshim_module_export(slots);
}
#else
static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)exec},
#if !defined(Py_LIMITED_API) && PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
    {PYSHIM_MOD_GIL_SLOT, PYSHIM_MOD_GIL_VALUE(DEMO_GIL_BITS)},
    {0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "demo", NULL, 0, methods, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_demo(void)
{
    return pyshim_module_init(&definition);
}
#endif
