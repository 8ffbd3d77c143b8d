/* The mutex under those who wait: with and without a thread state, in other interpreters and across
 * a fork. The C core is part of this file, so that its own lock can be tried where CPython has one. */
#define PY_SSIZE_T_CLEAN
#include "pyshim.c"

#include <pthread.h>
#include <unistd.h> /* usleep, pause */

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

/* Has a section over an object, and lets others run meanwhile, for ever. */
static PyObject *stay_in_section(PyObject *self, PyObject *object)
{
    (void)self;
    for (;;) {
        PYSHIM_BEGIN_CRITICAL_SECTION(object);
        Py_BEGIN_ALLOW_THREADS
        usleep(1000);
        Py_END_ALLOW_THREADS
        PYSHIM_END_CRITICAL_SECTION();
    }
    return NULL;
}

/* Begins to initialise something and never comes to an end; who comes later waits for that. */
static PyObject *initialise_for_ever(PyObject *self, PyObject *unused)
{
    static pyshim_once once;
    (void)self;
    (void)unused;
    pyshim_once_begin(&once);
    Py_BEGIN_ALLOW_THREADS
    for (;;) {
        pause();
    }
    Py_END_ALLOW_THREADS
    return NULL;
}

static pyshim_mutex late_mutex;
static volatile long late_total;

static void *count_late(void *unused)
{
    long i;
    for (i = 0; i < 5000; i++) {
        pyshim_mutex_lock(&late_mutex);
        late_total = late_total + 1;
        pyshim_mutex_unlock(&late_mutex);
    }
    return unused;
}

/* Threads that know nothing of Python use a mutex after Python has ended. */
static void after_python(void)
{
    pthread_t threads[2];
    int i;
    for (i = 0; i < 2; i++) {
        pthread_create(&threads[i], NULL, count_late, NULL);
    }
    count_late(NULL);
    for (i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
    }
    printf("after Python: initialized %d, total %ld, byte %d\n", Py_IsInitialized(), late_total,
           late_mutex.bits);
    fflush(stdout);
}

static PyObject *use_after_python(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    atexit(after_python);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"use_own", use_own, METH_NOARGS, NULL},
    {"scheme", scheme, METH_NOARGS, NULL},
    {"lock", lock, METH_NOARGS, NULL},
    {"unlock", unlock, METH_NOARGS, NULL},
    {"byte", byte, METH_NOARGS, NULL},
    {"count", count, METH_VARARGS, NULL},
    {"count_elsewhere", count_elsewhere, METH_VARARGS, NULL},
    {"stay_in_section", stay_in_section, METH_O, NULL},
    {"initialise_for_ever", initialise_for_ever, METH_NOARGS, NULL},
    {"use_after_python", use_after_python, METH_NOARGS, NULL},
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
