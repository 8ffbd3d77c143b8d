/* Everything that threads wait for, with counts that only it protects: sections over objects and over
 * mutexes, the mutex, and the once. What is counted besides, atomically, has to come out the same. */
#include "pyshim.h"

#include <sched.h>  /* sched_yield */
#include <stdlib.h> /* calloc, free */

/* A count that is right if one thread at a time was in. */
typedef struct guarded {
    volatile long long total, shadow;
    long long rounds; /* atomic */
} guarded;

/* Whether nobody else was in meanwhile. */
static int step(guarded *of, long i)
{
    of->total = of->total + 1;
    if (i % 64 == 1) {
        sched_yield();
    }
    of->shadow = of->shadow + 1;
    __atomic_fetch_add(&of->rounds, 1, __ATOMIC_RELAXED);
    return of->total == of->shadow;
}

static int is_right(const guarded *of)
{
    return of->total == of->rounds && of->shadow == of->rounds;
}

/* Of one interpreter, as its objects are. */
typedef struct state {
    PyObject *a, *b;
    guarded by_a, by_b;
} state;

/* Of the process, as mutexes are. */
static pyshim_mutex section_a, section_b, direct;
static guarded by_section_a, by_section_b, by_direct;

static PyObject *number(long n)
{
    return PyLong_FromLong(n);
}

static long rounds(PyObject *args)
{
    long n = 0;
    return PyArg_ParseTuple(args, "l", &n) ? n : -1;
}

/* Each returns how often another thread was in. */

static PyObject *sections(PyObject *module, PyObject *args)
{
    state *s = (state *)PyModule_GetState(module);
    long n = rounds(args), i, wrong = 0;
    for (i = 0; i < n; i++) {
        if (i % 3 == 0) {
            PYSHIM_BEGIN_CRITICAL_SECTION(s->a)
            wrong += !step(&s->by_a, i);
            PYSHIM_END_CRITICAL_SECTION()
        } else if (i % 3 == 1) {
            PYSHIM_BEGIN_CRITICAL_SECTION(s->b)
            wrong += !step(&s->by_b, i);
            PYSHIM_END_CRITICAL_SECTION()
        } else {
            PYSHIM_BEGIN_CRITICAL_SECTION2(s->b, s->a)
            wrong += !step(&s->by_a, i) + !step(&s->by_b, i);
            PYSHIM_END_CRITICAL_SECTION2()
        }
    }
    return n < 0 ? NULL : number(wrong);
}

static PyObject *mutex_sections(PyObject *module, PyObject *args)
{
    long n = rounds(args), i, wrong = 0;
    (void)module;
    for (i = 0; i < n; i++) {
        if (i % 2 == 0) {
            pyshim_critical_section one;
            pyshim_critical_section_begin_mutex(&one, &section_a);
            wrong += !step(&by_section_a, i);
            pyshim_critical_section_end(&one);
        } else {
            pyshim_critical_section2 two;
            pyshim_critical_section2_begin_mutex(&two, &section_b, &section_a);
            wrong += !step(&by_section_a, i) + !step(&by_section_b, i);
            pyshim_critical_section2_end(&two);
        }
    }
    return n < 0 ? NULL : number(wrong);
}

static PyObject *mutex(PyObject *module, PyObject *args)
{
    long n = rounds(args), i, wrong = 0;
    (void)module;
    for (i = 0; i < n; i++) {
        if (i % 8 == 0) {
            if (!pyshim_mutex_try_lock(&direct)) {
                continue;
            }
        } else {
            pyshim_mutex_lock(&direct);
        }
        wrong += !step(&by_direct, i);
        pyshim_mutex_unlock(&direct);
    }
    return n < 0 ? NULL : number(wrong);
}

/* Things to initialise, by the same number of threads each, of which the last clears up. */
enum { BATCH = 64, RING = 64 };

typedef struct batch {
    long number;
    long passed; /* atomic */
    pyshim_once plain[BATCH];
    pyshim_once_object object;
    long initialised[BATCH];
    PyObject *made;
} batch;

static batch *ring[RING];
static pyshim_mutex ring_mutex;
static long long onces_done, made, destroyed; /* atomic */

/* An object that says when it is gone. */
static void one_is_gone(PyObject *capsule)
{
    (void)capsule;
    __atomic_fetch_add(&destroyed, 1, __ATOMIC_RELAXED);
}

static PyObject *make_one(void)
{
    __atomic_fetch_add(&made, 1, __ATOMIC_RELAXED);
    return PyCapsule_New(&made, NULL, one_is_gone);
}

/* The batch of that number, once the one that had its place is through. */
static batch *batch_of(long which)
{
    batch **place = &ring[which % RING];
    for (;;) {
        batch *found;
        pyshim_mutex_lock(&ring_mutex);
        if (*place == NULL) {
            *place = (batch *)calloc(1, sizeof(batch));
            (*place)->number = which;
        }
        found = *place;
        pyshim_mutex_unlock(&ring_mutex);
        if (found->number == which) {
            return found;
        }
        Py_BEGIN_ALLOW_THREADS
        sched_yield();
        Py_END_ALLOW_THREADS
    }
}

/* Initialises whatever of the batch is not; every third attempt fails. Whether each is initialised
 * once, and the object is everybody's. */
static int initialise(batch *of, long attempt)
{
    int i, well = 1;
    for (i = 0; i < BATCH; i++) {
        while (pyshim_once_begin(&of->plain[i]) == 1) {
            int succeeded = ++attempt % 3 != 0;
            of->initialised[i] += succeeded;
            sched_yield();
            pyshim_once_end(&of->plain[i], succeeded);
        }
        well &= pyshim_once_is_done(&of->plain[i]) && of->initialised[i] == 1;
    }
    if (pyshim_once_object_begin(&of->object) == 1) {
        of->made = make_one();
        pyshim_once_object_end(&of->object, of->made);
    }
    return well && pyshim_once_object_get(&of->object) == of->made;
}

/* once(number, workers) -> how much was wrong */
static PyObject *once(PyObject *module, PyObject *args)
{
    long which, workers, wrong;
    batch *mine;
    (void)module;
    if (!PyArg_ParseTuple(args, "ll", &which, &workers)) {
        return NULL;
    }
    mine = batch_of(which);
    wrong = !initialise(mine, which + (long)(uintptr_t)&args);
    if (__atomic_add_fetch(&mine->passed, 1, __ATOMIC_ACQ_REL) == workers) {
        pyshim_mutex_lock(&ring_mutex);
        ring[which % RING] = NULL;
        pyshim_mutex_unlock(&ring_mutex);
        pyshim_once_object_clear(&mine->object);
        free(mine);
        __atomic_fetch_add(&onces_done, BATCH + 1, __ATOMIC_RELAXED);
    }
    return number(wrong);
}

/* How often each was done, when all threads have ended; fails where a count does not come out. */
static PyObject *counts(PyObject *module, PyObject *unused)
{
    state *s = (state *)PyModule_GetState(module);
    (void)unused;
    if (!is_right(&s->by_a) || !is_right(&s->by_b) || !is_right(&by_section_a)
        || !is_right(&by_section_b) || !is_right(&by_direct)) {
        PyErr_SetString(PyExc_AssertionError, "a count was lost");
        return NULL;
    }
    if (made != destroyed) {
        PyErr_SetString(PyExc_AssertionError, "an object that was made once was not given up once");
        return NULL;
    }
    if (section_a.bits != 0 || section_b.bits != 0 || direct.bits != 0 || ring_mutex.bits != 0) {
        PyErr_SetString(PyExc_AssertionError, "a mutex is still locked, or somebody waits");
        return NULL;
    }
    return Py_BuildValue("{s:L,s:L,s:L,s:L}", "sections", s->by_a.rounds, "mutex_sections",
                         by_section_a.rounds, "mutex", by_direct.rounds, "once", onces_done);
}

static PyMethodDef methods[] = {
    {"sections", sections, METH_VARARGS, NULL},
    {"mutex_sections", mutex_sections, METH_VARARGS, NULL},
    {"mutex", mutex, METH_VARARGS, NULL},
    {"once", once, METH_VARARGS, NULL},
    {"counts", counts, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static int exec(PyObject *module)
{
    state *s = (state *)PyModule_GetState(module);
    s->a = PyList_New(0);
    s->b = PyList_New(0);
    /* Nobody gets so many things ahead of the others. */
    return s->a != NULL && s->b != NULL ? PyModule_AddIntConstant(module, "RING", RING) : -1;
}

static int clear(PyObject *module)
{
    state *s = (state *)PyModule_GetState(module);
    Py_CLEAR(s->a);
    Py_CLEAR(s->b);
    return 0;
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)exec},
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
    {PYSHIM_MOD_GIL_SLOT, PYSHIM_MOD_GIL_VALUE(PYSHIM_MOD_GIL_SECTIONS)},
    {0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "contention", NULL, sizeof(state), methods, slots, NULL, clear, NULL,
};

PyMODINIT_FUNC PyInit_contention(void)
{
    return pyshim_module_init(&definition);
}
