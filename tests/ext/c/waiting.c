/* The mutex under those who wait: with and without a thread state, in other interpreters and across
 * a fork. The C core is part of this file, so that its own lock can be tried where CPython has one. */
#define PY_SSIZE_T_CLEAN
#include "pyshim.c"

#include <pthread.h>

/* Before anybody waits: lets the C core's own lock drive the mutexes. */
static PyObject *use_own(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    pyshim_core_mutex_lock_slow = (uintptr_t)&pyshim_core_mutex_lock_own;
    pyshim_core_mutex_unlock_slow = (uintptr_t)&pyshim_core_mutex_unlock_own;
    Py_RETURN_NONE;
}

static PyObject *scheme(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    return PyUnicode_FromString(pyshim_mutex_scheme());
}

static pyshim_mutex mutex;
static volatile long long total, shadow;

static PyObject *lock(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    pyshim_mutex_lock(&mutex);
    Py_RETURN_NONE;
}

static PyObject *unlock(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    pyshim_mutex_unlock(&mutex);
    Py_RETURN_NONE;
}

static PyObject *byte(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    return PyLong_FromLong(pyshim_core_mutex_look(&mutex.bits));
}

/* Those who come late see a difference if two are in. Whether all was well. */
static int count_once(long i)
{
    int well;
    if (i % 8 == 0) {
        if (!pyshim_mutex_try_lock(&mutex)) {
            return 1;
        }
    } else {
        pyshim_mutex_lock(&mutex);
    }
    total = total + 1;
    if (i % 64 == 1) {
        sched_yield();
    }
    shadow = shadow + 1;
    well = total == shadow;
    pyshim_mutex_unlock(&mutex);
    return well;
}

/* Counts attached. How often two were in. */
static PyObject *count(PyObject *self, PyObject *args)
{
    long n, i, wrong = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "l", &n)) {
        return NULL;
    }
    for (i = 0; i < n; i++) {
        wrong += !count_once(i);
    }
    return PyLong_FromLong(wrong);
}

static void *count_natively(void *n)
{
    intptr_t i, wrong = 0;
    for (i = 0; i < (intptr_t)n; i++) {
        wrong += !count_once((long)i);
    }
    return (void *)wrong;
}

/* Counts in a thread that Python does not know, while this one waits for it detached. */
static PyObject *count_elsewhere(PyObject *self, PyObject *args)
{
    pthread_t thread;
    void *wrong;
    long n;
    (void)self;
    if (!PyArg_ParseTuple(args, "l", &n)) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    pthread_create(&thread, NULL, count_natively, (void *)(intptr_t)n);
    pthread_join(thread, &wrong);
    Py_END_ALLOW_THREADS
    return PyLong_FromLong((long)(intptr_t)wrong);
}

static PyMethodDef methods[] = {
    {"use_own", use_own, METH_NOARGS, NULL},
    {"scheme", scheme, METH_NOARGS, NULL},
    {"lock", lock, METH_NOARGS, NULL},
    {"unlock", unlock, METH_NOARGS, NULL},
    {"byte", byte, METH_NOARGS, NULL},
    {"count", count, METH_VARARGS, NULL},
    {"count_elsewhere", count_elsewhere, METH_VARARGS, NULL},
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
    PyModuleDef_HEAD_INIT, "waiting", NULL, 0, methods, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_waiting(void)
{
    return pyshim_module_init(&definition);
}
