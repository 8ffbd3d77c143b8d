/* Views, and interpreters to send them to: with a GIL of their own from 3.12 on, which is as far apart
 * as two interpreters get. */
#define PY_SSIZE_T_CLEAN
#include "pyshim.h"

#include <pthread.h> /* pthread_create */
#include <stdio.h>   /* snprintf */
#include <stdlib.h>  /* malloc */
#include <string.h>  /* memset */
#include <time.h>    /* nanosleep */

static PyObject *view_send(PyObject *self, PyObject *exporter)
{
    (void)self;
    return pyshim_view_send(exporter);
}

static PyObject *view_open(PyObject *self, PyObject *token)
{
    (void)self;
    return pyshim_view_open(token);
}

static PyObject *view_close(PyObject *self, PyObject *memory)
{
    (void)self;
    if (pyshim_view_close(memory) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *view_withdraw(PyObject *self, PyObject *token)
{
    int was = pyshim_view_withdraw(token);
    (void)self;
    return was < 0 ? NULL : PyBool_FromLong(was);
}

/* (sent, open, pinned) */
static PyObject *view_count(PyObject *self, PyObject *unused)
{
    pyshim_view_counts counts;
    (void)self;
    (void)unused;
    pyshim_view_count(&counts);
    return Py_BuildValue("(nnn)", (Py_ssize_t)counts.sent, (Py_ssize_t)counts.open,
                         (Py_ssize_t)counts.pinned);
}

/* Where the memory is, and what it says of itself. */
static PyObject *view_describe(PyObject *self, PyObject *object)
{
    Py_buffer buffer;
    PyObject *result;
    (void)self;
    if (PyObject_GetBuffer(object, &buffer, PyBUF_FULL_RO) < 0) {
        return NULL;
    }
    result = Py_BuildValue("(ninsiNNN)", (Py_ssize_t)(intptr_t)buffer.buf, buffer.readonly,
                           buffer.len, buffer.format, buffer.ndim,
                           PyBool_FromLong(PyBuffer_IsContiguous(&buffer, 'C')),
                           PyBool_FromLong(PyBuffer_IsContiguous(&buffer, 'F')),
                           PyBool_FromLong(buffer.suboffsets != NULL));
    PyBuffer_Release(&buffer);
    return result;
}

/* Gives two rows of three bytes, each reached through a pointer, as no object of the standard library
 * does. */
static int rows_get(PyObject *self, Py_buffer *buffer, int flags)
{
    static char first[] = "abc", second[] = "def";
    static char *rows[] = {first, second};
    static Py_ssize_t shape[] = {2, 3};
    static Py_ssize_t strides[] = {sizeof(char *), 1};
    static Py_ssize_t suboffsets[] = {0, -1};
    (void)flags;
    memset(buffer, 0, sizeof(*buffer));
    buffer->buf = rows;
    buffer->len = 6;
    buffer->itemsize = 1;
    buffer->readonly = 1;
    buffer->ndim = 2;
    buffer->format = (char *)"B";
    buffer->shape = shape;
    buffer->strides = strides;
    buffer->suboffsets = suboffsets;
    Py_INCREF(self);
    buffer->obj = self;
    return 0;
}

static PyBufferProcs rows_procs = {rows_get, NULL};

/* For the main interpreter only. */
static PyObject *rows(PyObject *self, PyObject *unused)
{
    static PyTypeObject type = {
        PyVarObject_HEAD_INIT(NULL, 0).tp_name = "views.rows",
        .tp_basicsize = sizeof(PyObject),
        .tp_flags = Py_TPFLAGS_DEFAULT,
        .tp_as_buffer = &rows_procs,
    };
    (void)self;
    (void)unused;
    return PyType_Ready(&type) < 0 ? NULL : PyType_GenericAlloc(&type, 0);
}

#if PY_VERSION_HEX >= 0x030C0000
static PyThreadState *new_interpreter(void)
{
    PyInterpreterConfig config = {0};
    PyThreadState *state = NULL;
    PyStatus status;
    config.allow_threads = 1;
    config.allow_daemon_threads = 1;
    config.check_multi_interp_extensions = 1;
    config.gil = PyInterpreterConfig_OWN_GIL;
    status = Py_NewInterpreterFromConfig(&state, &config);
    return PyStatus_Exception(status) ? NULL : state;
}
#else
static PyThreadState *new_interpreter(void)
{
    return Py_NewInterpreter();
}
#endif

/* An interpreter, as an int that stands for its thread state. */
static PyObject *create(PyObject *self, PyObject *unused)
{
    PyThreadState *here = PyThreadState_Get();
    PyThreadState *there = new_interpreter();
    (void)self;
    (void)unused;
    PyThreadState_Swap(here);
    if (there == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "no new interpreter");
        return NULL;
    }
    return PyLong_FromVoidPtr(there);
}

/* Runs code in the interpreter of the thread. The str of its `result`, or NULL when it failed. */
static const char *run_there(const char *code, char *place, size_t size)
{
    PyObject *main = PyImport_AddModule("__main__"); /* borrowed */
    PyObject *globals = PyModule_GetDict(main);
    PyObject *done = PyRun_String(code, Py_file_input, globals, globals);
    PyObject *result = done != NULL ? PyDict_GetItemString(globals, "result") : NULL;
    PyObject *text = result != NULL ? PyObject_Str(result) : NULL;
    int failed = done == NULL;
    if (failed) {
        PyErr_Print();
    }
    snprintf(place, size, "%s", text != NULL ? PyUnicode_AsUTF8(text) : "");
    Py_XDECREF(text);
    Py_XDECREF(done);
    return failed ? NULL : place;
}

/* run(interpreter, code, elsewhere): with its first thread state, or with a new one in a thread that did
 * not create it. */
static PyObject *run(PyObject *self, PyObject *args)
{
    PyObject *number;
    const char *code, *result;
    char place[2048];
    int elsewhere = 0;
    PyThreadState *here, *there;
    (void)self;
    if (!PyArg_ParseTuple(args, "Os|p", &number, &code, &elsewhere)) {
        return NULL;
    }
    there = (PyThreadState *)PyLong_AsVoidPtr(number);
    if (elsewhere) {
        there = PyThreadState_New(there->interp);
    }
    here = PyThreadState_Swap(there);
    result = run_there(code, place, sizeof(place));
    if (elsewhere) {
        PyThreadState_Clear(there);
    }
    PyThreadState_Swap(here);
    if (elsewhere) {
        PyThreadState_Delete(there);
    }
    if (result == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "it failed in the other interpreter");
        return NULL;
    }
    return PyUnicode_FromString(result);
}

/* A thread state that a thread has made and used, and lends to another one meanwhile. */
typedef struct lent {
    PyInterpreterState *interpreter;
    PyThreadState *state;
    pthread_barrier_t handed_over;
} lent;

static void *lend(void *argument)
{
    lent *l = (lent *)argument;
    l->state = PyThreadState_New(l->interpreter);
    PyEval_RestoreThread(l->state);
    PyEval_SaveThread();
    pthread_barrier_wait(&l->handed_over); /* it goes */
    pthread_barrier_wait(&l->handed_over); /* and comes back */
    PyEval_RestoreThread(l->state);
    PyThreadState_Clear(l->state);
    PyThreadState_DeleteCurrent();
    return NULL;
}

/* run_with_lent_state(interpreter, code): with a thread state that another thread has made, and still has
 * as its first. */
static PyObject *run_with_lent_state(PyObject *self, PyObject *args)
{
    PyObject *number;
    PyThreadState *here;
    pthread_t lender;
    const char *code, *result;
    char place[256];
    lent l;
    (void)self;
    if (!PyArg_ParseTuple(args, "Os", &number, &code)) {
        return NULL;
    }
    l.interpreter = ((PyThreadState *)PyLong_AsVoidPtr(number))->interp;
    pthread_barrier_init(&l.handed_over, NULL, 2);
    pthread_create(&lender, NULL, lend, &l);
    here = PyEval_SaveThread();
    pthread_barrier_wait(&l.handed_over);
    PyEval_RestoreThread(l.state);
    result = run_there(code, place, sizeof(place));
    PyEval_SaveThread();
    pthread_barrier_wait(&l.handed_over);
    pthread_join(lender, NULL);
    pthread_barrier_destroy(&l.handed_over);
    PyEval_RestoreThread(here);
    if (result == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "it failed with the lent thread state");
        return NULL;
    }
    return PyUnicode_FromString(result);
}

/* Empties the interpreter's own dictionary, as its end does. */
static PyObject *forget(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    PyDict_Clear(PyInterpreterState_GetDict(PyThreadState_Get()->interp));
    Py_RETURN_NONE;
}

static PyObject *finish(PyObject *self, PyObject *number)
{
    PyThreadState *there = (PyThreadState *)PyLong_AsVoidPtr(number);
    PyThreadState *here = PyThreadState_Swap(there);
    (void)self;
    Py_EndInterpreter(there);
    PyThreadState_Swap(here);
    Py_RETURN_NONE;
}

/* What is done in an interpreter by a thread that Python does not know. */
typedef struct visit {
    pyshim_interpreter_view *view;
    const char *code; /* NULL to only keep it from ending */
    unsigned milliseconds;
    char result[256];
    int entered;
} visit;

static void *visit_now(void *argument)
{
    visit *v = (visit *)argument;
    const struct timespec pause = {v->milliseconds / 1000, v->milliseconds % 1000 * 1000000};
    pyshim_interpreter_guard guard;
    pyshim_thread_entry entry;
    if (v->code == NULL) {
        v->entered = pyshim_interpreter_guard_from_view(&guard, v->view);
        nanosleep(&pause, NULL);
        pyshim_interpreter_guard_close(&guard);
        return NULL;
    }
    v->entered = pyshim_thread_ensure_from_view(&entry, v->view);
    if (v->entered) {
        pyshim_thread_entry again;
        v->entered = pyshim_thread_ensure_from_view(&again, v->view);
        run_there(v->code, v->result, sizeof(v->result));
        pyshim_thread_release(&again);
        pyshim_thread_release(&entry);
    }
    return NULL;
}

/* An int that stands for a view of this interpreter, for good. */
static PyObject *interpreter_view(PyObject *self, PyObject *unused)
{
    pyshim_interpreter_view *view = (pyshim_interpreter_view *)malloc(sizeof(*view));
    (void)self;
    (void)unused;
    if (view == NULL || pyshim_interpreter_view_from_current(view) < 0) {
        free(view);
        return NULL;
    }
    return PyLong_FromVoidPtr(view);
}

/* visit(view, code): what code gives there, run by another thread that comes from nowhere; None when it
 * could not enter. */
static PyObject *view_visit(PyObject *self, PyObject *args)
{
    PyObject *number;
    pthread_t thread;
    visit v;
    (void)self;
    memset(&v, 0, sizeof(v));
    if (!PyArg_ParseTuple(args, "Os", &number, &v.code)) {
        return NULL;
    }
    v.view = (pyshim_interpreter_view *)PyLong_AsVoidPtr(number);
    Py_BEGIN_ALLOW_THREADS
    pthread_create(&thread, NULL, visit_now, &v);
    pthread_join(thread, NULL);
    Py_END_ALLOW_THREADS
    if (!v.entered) {
        Py_RETURN_NONE;
    }
    return PyUnicode_FromString(v.result);
}

/* here(view, code): the same in this very thread, which comes from another interpreter. */
static PyObject *view_here(PyObject *self, PyObject *args)
{
    PyObject *number;
    visit v;
    (void)self;
    memset(&v, 0, sizeof(v));
    if (!PyArg_ParseTuple(args, "Os", &number, &v.code)) {
        return NULL;
    }
    v.view = (pyshim_interpreter_view *)PyLong_AsVoidPtr(number);
    visit_now(&v);
    if (!v.entered) {
        Py_RETURN_NONE;
    }
    return PyUnicode_FromString(v.result);
}

/* guard_and_end(interpreter, view, milliseconds): ends the interpreter while another thread keeps it from
 * ending for so long. Whether that could. */
static PyObject *guard_and_end(PyObject *self, PyObject *args)
{
    static visit v;
    PyObject *number, *interpreter, *result;
    pthread_t thread;
    memset(&v, 0, sizeof(v));
    if (!PyArg_ParseTuple(args, "OOI", &interpreter, &number, &v.milliseconds)) {
        return NULL;
    }
    v.view = (pyshim_interpreter_view *)PyLong_AsVoidPtr(number);
    pthread_create(&thread, NULL, visit_now, &v);
    nanosleep(&(struct timespec){0, (long)v.milliseconds * 300000}, NULL);
    result = finish(self, interpreter);
    pthread_join(thread, NULL);
    Py_XDECREF(result);
    return PyBool_FromLong(v.entered);
}

static void *finish_now(void *there)
{
    PyThreadState_Swap((PyThreadState *)there);
    Py_EndInterpreter((PyThreadState *)there);
    return NULL;
}

/* end_while_attached(interpreter, seconds): another thread ends it, while this one stays attached. Whether
 * that came to an end in so many seconds. */
static PyObject *end_while_attached(PyObject *self, PyObject *args)
{
    PyObject *interpreter;
    pthread_t thread;
    struct timespec until;
    unsigned seconds;
    int in_time;
    (void)self;
    if (!PyArg_ParseTuple(args, "OI", &interpreter, &seconds)) {
        return NULL;
    }
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += seconds;
    pthread_create(&thread, NULL, finish_now, PyLong_AsVoidPtr(interpreter));
    in_time = pthread_timedjoin_np(thread, NULL, &until) == 0;
    if (!in_time) {
        Py_BEGIN_ALLOW_THREADS
        pthread_join(thread, NULL);
        Py_END_ALLOW_THREADS
    }
    return PyBool_FromLong(in_time);
}

static PyMethodDef methods[] = {
    {"end_while_attached", end_while_attached, METH_VARARGS, NULL},
    {"interpreter_view", interpreter_view, METH_NOARGS, NULL},
    {"visit", view_visit, METH_VARARGS, NULL},
    {"here", view_here, METH_VARARGS, NULL},
    {"guard_and_end", guard_and_end, METH_VARARGS, NULL},
    {"send", view_send, METH_O, NULL},
    {"open", view_open, METH_O, NULL},
    {"close", view_close, METH_O, NULL},
    {"withdraw", view_withdraw, METH_O, NULL},
    {"count", view_count, METH_NOARGS, NULL},
    {"describe", view_describe, METH_O, NULL},
    {"rows", rows, METH_NOARGS, NULL},
    {"create", create, METH_NOARGS, NULL},
    {"run", run, METH_VARARGS, NULL},
    {"run_with_lent_state", run_with_lent_state, METH_VARARGS, NULL},
    {"end", finish, METH_O, NULL},
    {"forget", forget, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
    {PYSHIM_MOD_GIL_SLOT, PYSHIM_MOD_GIL_VALUE(PYSHIM_MOD_GIL_SECTIONS)},
    {0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "views", NULL, 0, methods, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_views(void)
{
    return pyshim_module_init(&definition);
}
