/* What an extension that is built today does, for runtimes that do not exist yet: functions without
 * arguments, since no Python code runs there. */
#include "pyshim.h"

#include <pthread.h>
#include <sched.h> /* sched_yield */
#include <time.h>  /* nanosleep */

static PyObject *lock;
static volatile long total;
static pyshim_atomic_ref cell;

static PyObject *status(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    return PyLong_FromLong(pyshim_critical_section_status());
}

static PyObject *providers(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    return pyshim_providers();
}

static PyObject *init(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    return pyshim_init() < 0 ? NULL : PyLong_FromLong(0);
}

/* A thousand additions that only a section protects. The words behind the storage are watched. */
static PyObject *count(PyObject *self, PyObject *unused)
{
    struct {
        pyshim_critical_section cs;
        uintptr_t guard;
    } one;
    struct {
        pyshim_critical_section2 cs;
        uintptr_t guard;
    } two;
    int i;
    (void)self;
    (void)unused;
    one.guard = two.guard = (uintptr_t)0xC0FFEE;
    for (i = 0; i < 1000; i++) {
        if (i % 2) {
            pyshim_critical_section_begin(&one.cs, lock);
            total = total + 1;
            pyshim_critical_section_end(&one.cs);
        } else {
            pyshim_critical_section2_begin(&two.cs, lock, Py_None);
            total = total + 1;
            pyshim_critical_section2_end(&two.cs);
        }
    }
    if (one.guard != (uintptr_t)0xC0FFEE || two.guard != (uintptr_t)0xC0FFEE) {
        PyErr_SetString(PyExc_SystemError, "a section wrote behind its storage");
        return NULL;
    }
    return PyLong_FromLong(0);
}

static PyObject *get_total(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    return PyLong_FromLong(total);
}

/* 0, or what the checked begin raised. */
static PyObject *checked(PyObject *self, PyObject *unused)
{
    pyshim_critical_section cs;
    (void)self;
    (void)unused;
    if (pyshim_critical_section_begin_checked(&cs, lock) < 0) {
        return NULL;
    }
    pyshim_critical_section_end(&cs);
    return PyLong_FromLong(0);
}

/* Begins with an exception pending. "kept" when it is pending still, "context" when it has become
 * the context of what begin raised. */
static PyObject *pending(PyObject *self, PyObject *unused)
{
    pyshim_critical_section2 cs;
    PyObject *type, *value, *traceback, *context;
    int failed;
    (void)self;
    (void)unused;
    PyErr_SetString(PyExc_ValueError, "earlier");
    failed = pyshim_critical_section2_begin_checked(&cs, lock, Py_None) < 0;
    if (!failed) {
        int kept = PyErr_ExceptionMatches(PyExc_ValueError);
        pyshim_critical_section2_end(&cs);
        PyErr_Clear();
        return PyUnicode_FromString(kept ? "kept" : "lost");
    }
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    context = PyException_GetContext(value);
    failed = context != NULL && PyErr_GivenExceptionMatches(context, PyExc_ValueError);
    Py_DecRef(context);
    Py_DecRef(type);
    Py_DecRef(value);
    Py_DecRef(traceback);
    return PyUnicode_FromString(failed ? "context" : "lost");
}

/* Objects that die while others load them. */
static PyObject *churn(PyObject *self, PyObject *unused)
{
    int i;
    (void)self;
    (void)unused;
    for (i = 0; i < 1000; i++) {
        PyObject *fresh = PyList_New(0);
        PyObject *old = pyshim_atomic_ref_load(&cell);
        switch (i % 3) {
        case 0:
            pyshim_atomic_ref_store(&cell, fresh);
            break;
        case 1:
            Py_DecRef(pyshim_atomic_ref_swap(&cell, fresh));
            break;
        default:
            pyshim_atomic_ref_compare_exchange(&cell, old, fresh);
        }
        Py_DecRef(old);
        Py_DecRef(fresh);
    }
    return PyLong_FromLong(0);
}

static PyObject *drain(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    pyshim_atomic_ref_store(&cell, NULL);
    return PyLong_FromLong(0);
}

#if PYSHIM_NEEDS & PYSHIM_NEEDS_TRY_INCREF
static PyObject *try_incref(PyObject *self, PyObject *unused)
{
    PyObject *fresh = PyList_New(0);
    int taken;
    (void)self;
    (void)unused;
    pyshim_enable_try_incref(fresh);
    taken = pyshim_try_incref(fresh);
    if (taken) {
        Py_DecRef(fresh);
    }
    Py_DecRef(fresh);
    return PyLong_FromLong(taken);
}
#endif

/* What is not as it should be with locks that nobody else uses, or 0. */
static long wrong_locks(void)
{
    static pyshim_mutex local;
    static pyshim_once once;
    pyshim_mutex_lock(&local);
    if (pyshim_mutex_try_lock(&local) || !pyshim_mutex_is_locked(&local)) {
        return 1;
    }
    pyshim_mutex_unlock(&local);
    if (!pyshim_mutex_try_lock(&local)) {
        return 2;
    }
    pyshim_mutex_unlock(&local);
    if (pyshim_once_begin(&once) == 1) {
        if (pyshim_once_begin(&once) >= 0 || !PyErr_ExceptionMatches(PyExc_RuntimeError)) {
            return 3;
        }
        PyErr_Clear();
        pyshim_once_end(&once, 1);
    }
    return pyshim_once_begin(&once) != 0 || !pyshim_once_is_done(&once) ? 4 : 0;
}

static PyObject *locks(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    return PyLong_FromLong(wrong_locks());
}

/* What is not as it should be with an object that is made once, and with references to it, or 0. */
static long wrong_references(void)
{
    pyshim_once_object made = {0, 0, 0, NULL, NULL};
    pyshim_stack_ref_frame frame;
    pyshim_stack_ref ref, again;
    if (pyshim_once_object_begin(&made) != 1) {
        return 1;
    }
    pyshim_once_object_end(&made, PyList_New(0));
    pyshim_stack_ref_frame_push(&frame);
    ref = pyshim_stack_ref_from_object_new(pyshim_once_object_get(&made));
    again = pyshim_stack_ref_dup(ref);
    pyshim_once_object_clear(&made);
    pyshim_stack_ref_close(ref);
    ref = pyshim_stack_ref_frame_pop(&frame, again);
    if (PyList_Size(pyshim_stack_ref_as_object_borrow(ref)) != 0) {
        return 2;
    }
    pyshim_stack_ref_clear(&ref);
    return pyshim_stack_ref_is_null(ref) ? 0 : 3;
}

static PyObject *references(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    return PyLong_FromLong(wrong_references());
}

/* What another thread has while it is set. */
static pyshim_mutex mutex;
static int taken_by_another;

static void *hold(void *unused)
{
    struct timespec while_waiting = {0, 20000000};
    pyshim_mutex_lock(&mutex);
    __atomic_store_n(&taken_by_another, 1, __ATOMIC_RELEASE);
    nanosleep(&while_waiting, NULL);
    pyshim_mutex_unlock(&mutex);
    return unused;
}

/* Waits, attached, for a mutex that a thread has which Python does not know. Whose lock it was. */
static PyObject *wait_for_mutex(PyObject *self, PyObject *unused)
{
    pthread_t thread;
    (void)self;
    (void)unused;
    pthread_create(&thread, NULL, hold, NULL);
    while (!__atomic_load_n(&taken_by_another, __ATOMIC_ACQUIRE)) {
        sched_yield();
    }
    pyshim_mutex_lock(&mutex);
    pyshim_mutex_unlock(&mutex);
    pthread_join(thread, NULL);
    return PyUnicode_FromString(pyshim_mutex_scheme());
}

#ifdef PYSHIM_INTERPRETER_VIEW_H /* which the frozen headers have not */
/* 0 where a view was sent, counted and taken back. */
static PyObject *send_view(PyObject *self, PyObject *unused)
{
    PyObject *bytes = PyBytes_FromString("abc");
    PyObject *token = bytes != NULL ? pyshim_view_send(bytes) : NULL;
    pyshim_view_counts counts;
    int was;
    (void)self;
    (void)unused;
    Py_XDECREF(bytes);
    if (token == NULL) {
        return NULL;
    }
    pyshim_view_count(&counts);
    was = pyshim_view_withdraw(token);
    Py_DECREF(token);
    return was < 0 ? NULL : PyLong_FromLong(counts.sent == 1 && was == 1 ? 0 : -1);
}
#endif

static PyMethodDef methods[] = {
    {"status", status, METH_NOARGS, NULL},
    {"providers", providers, METH_NOARGS, NULL},
    {"init", init, METH_NOARGS, NULL},
    {"count", count, METH_NOARGS, NULL},
    {"total", get_total, METH_NOARGS, NULL},
    {"checked", checked, METH_NOARGS, NULL},
    {"pending", pending, METH_NOARGS, NULL},
    {"churn", churn, METH_NOARGS, NULL},
    {"drain", drain, METH_NOARGS, NULL},
    {"locks", locks, METH_NOARGS, NULL},
    {"references", references, METH_NOARGS, NULL},
    {"wait_for_mutex", wait_for_mutex, METH_NOARGS, NULL},
#ifdef PYSHIM_INTERPRETER_VIEW_H
    {"send_view", send_view, METH_NOARGS, NULL},
#endif
#if PYSHIM_NEEDS & PYSHIM_NEEDS_TRY_INCREF
    {"try_incref", try_incref, METH_NOARGS, NULL},
#endif
    {NULL, NULL, 0, NULL},
};

static int exec(PyObject *module)
{
    (void)module;
    lock = PyList_New(0);
    return lock != NULL ? 0 : -1;
}

/* Two of them can be in one process under different names. */
#ifndef FUTURE_NAME
#define FUTURE_NAME future
#endif
#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)
#define HOOK_OF(prefix, name) prefix##name
#define HOOK(prefix, name) HOOK_OF(prefix, name)

#if defined(FUTURE_LAZY)
/* Nothing is initialised before somebody calls `init`. */
static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)exec},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, TEXT(FUTURE_NAME), NULL, 0, methods, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC HOOK(PyInit_, FUTURE_NAME)(void)
{
    return PyModuleDef_Init(&definition);
}
#elif defined(Py_TARGET_ABI3T)
PyABIInfo_VAR(abi_info);

static PySlot slots[] = {
    PySlot_PTR(Py_mod_name, TEXT(FUTURE_NAME)),
    PySlot_PTR_STATIC(Py_mod_methods, methods),
    PySlot_PTR(Py_mod_abi, &abi_info),
    PySlot_PTR(Py_mod_exec, exec),
    PySlot_PTR(PYSHIM_MOD_GIL_SLOT, PYSHIM_MOD_GIL_VALUE(FUTURE_BITS)),
    PySlot_END,
};

PyMODEXPORT_FUNC HOOK(PyModExport_, FUTURE_NAME)(void)
{
    return pyshim_module_export(slots);
}
#else
static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)exec},
    {PYSHIM_MOD_GIL_SLOT, PYSHIM_MOD_GIL_VALUE(FUTURE_BITS)},
    {0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, TEXT(FUTURE_NAME), NULL, 0, methods, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC HOOK(PyInit_, FUTURE_NAME)(void)
{
    return pyshim_module_init(&definition);
}
#endif
