/* The benchmark extension: `measure` lets the two spellings of a loop take turns. */
#include "bench.h"

#include <sched.h>        /* sched_yield */
#include <string.h>       /* strcmp */
#include <sys/resource.h> /* getrusage */
#include <time.h>         /* clock_gettime */

enum { OURS, THEIRS, SPELLINGS };

typedef struct bench_row {
    const char *name;
    bench_loop *const *loops[SPELLINGS];
    int takes_references; /* one to `a` each time */
} bench_row;

static const bench_row rows[] = {
    {"section", {bench_table_section, bench_cpython_section}, 0},
    {"section2", {bench_table_section2, bench_cpython_section2}, 0},
    {"try_incref", {bench_table_try_incref, bench_cpython_try_incref}, 1},
    {"mutex", {bench_table_mutex, bench_cpython_mutex}, 0},
    {"mutex_plain", {bench_table_mutex, bench_plain_mutex}, 0},
    {"once", {bench_table_once, bench_plain_once}, 0},
    {"once_std", {bench_table_once, bench_std_once}, 0},
    {"load", {bench_pyshim_load, bench_cpython_load}, 0},
    {"store", {bench_pyshim_store, bench_cpython_store}, 0},
    {"mixed", {bench_pyshim_mixed, bench_cpython_mixed}, 0},
    {"stack_ref", {bench_pyshim_stack_ref, bench_cpython_stack_ref}, 0},
};

/* All threads of a measurement work on one subject. */
static bench_subject subject;

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* Nobody passes before all have come. They spin, so that all start at once. */
static void meet(long threads)
{
    static long arrived, generation;
    long mine = __atomic_load_n(&generation, __ATOMIC_ACQUIRE);
    long spins;
    if (__atomic_add_fetch(&arrived, 1, __ATOMIC_ACQ_REL) == threads) {
        __atomic_store_n(&arrived, 0, __ATOMIC_RELAXED);
        __atomic_store_n(&generation, mine + 1, __ATOMIC_RELEASE);
        return;
    }
    for (spins = 0; __atomic_load_n(&generation, __ATOMIC_ACQUIRE) == mine; spins++) {
        if (spins > 10000) {
            sched_yield();
        }
    }
}

/* How often the calling thread had to leave its processor to another; 0 where that is not known. */
static long interruptions(void)
{
#ifdef RUSAGE_THREAD
    struct rusage usage;
    return getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_nivcsw : 0;
#else
    return 0;
#endif
}

/* When each thread began and ended its part, and how often it was interrupted. */
#define MOST_THREADS 2
typedef struct bench_times {
    int64_t begin, end;
    long interruptions;
} bench_times;
static union {
    bench_times is;
    char line[128];
} times[MOST_THREADS] __attribute__((aligned(128)));

/* Lets every thread do its part at the same time, and tells each what all took. */
static bench_times together(bench_loop *loop, const bench_row *row, long n, long threads,
                            long index)
{
    bench_times all;
    long i, before;
    loop(&subject, n / 8); /* caches and predictors */
    meet(threads);
    before = interruptions();
    times[index].is.begin = now();
    loop(&subject, n);
    times[index].is.end = now();
    times[index].is.interruptions = interruptions() - before;
    for (i = 0; row->takes_references && i < n + n / 8; i++) {
        Py_DECREF(subject.a);
    }
    meet(threads);
    all = times[0].is;
    for (i = 1; i < threads; i++) {
        const bench_times *each = &times[i].is;
        all.begin = each->begin < all.begin ? each->begin : all.begin;
        all.end = each->end > all.end ? each->end : all.end;
        all.interruptions += each->interruptions;
    }
    return all;
}

/* Nanoseconds from the first begin to the last end, for each time that the thing was done. What
 * another program has interrupted is done again, but not for ever. */
static double sample(const bench_row *row, int spelling, long place, long n, long threads,
                     long index)
{
    bench_loop *loop = row->loops[spelling][place];
    bench_times all = together(loop, row, n, threads, index);
    int tries;
    for (tries = 0; all.interruptions != 0 && tries < 50; tries++) {
        all = together(loop, row, n, threads, index);
    }
    return (double)(all.end - all.begin) / (double)(n * threads);
}

/* One round. Drift within it cancels out, and each spelling comes after the other three times and
 * once after itself. A loop that follows itself is faster for that alone: with less symmetry the
 * same call on both sides does not come out as equal. */
static int add_round(PyObject *list, const bench_row *row, long place, long n, long threads,
                     long index)
{
    static const int order[] = {OURS, THEIRS, THEIRS, OURS, THEIRS, OURS, OURS, THEIRS};
    double sums[SPELLINGS] = {0, 0};
    PyObject *pair;
    size_t i;
    int failed;
    for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        sums[order[i]] += sample(row, order[i], place, n, threads, index);
    }
    pair = Py_BuildValue("(dd)", sums[OURS] / 4, sums[THEIRS] / 4);
    failed = pair == NULL || PyList_Append(list, pair) < 0;
    Py_XDECREF(pair);
    return failed ? -1 : 0;
}

static const bench_row *find(const char *name)
{
    size_t i;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return &rows[i];
        }
    }
    PyErr_Format(PyExc_ValueError, "there is no row %s", name);
    return NULL;
}

/* measure(row, n, rounds, threads, index): a list of (ours, theirs) in nanoseconds, each round at
 * the next place. Every thread of a measurement calls it at the same time, with an index of its
 * own. */
static PyObject *measure(PyObject *self, PyObject *args)
{
    const char *name;
    long n, rounds, threads, index, i;
    const bench_row *row;
    PyObject *list;
    (void)self;
    if (!PyArg_ParseTuple(args, "sllll", &name, &n, &rounds, &threads, &index)) {
        return NULL;
    }
    if (threads > MOST_THREADS) {
        PyErr_Format(PyExc_ValueError, "more than %d threads", MOST_THREADS);
        return NULL;
    }
    row = find(name);
    list = row != NULL ? PyList_New(0) : NULL;
    for (i = 0; list != NULL && i < rounds; i++) {
        if (add_round(list, row, i % BENCH_PLACES, n, threads, index) < 0) {
            Py_CLEAR(list);
        }
    }
    return list;
}

/* set(a, b, work): what is worked on from now on. */
static PyObject *set(PyObject *self, PyObject *args)
{
    PyObject *a, *b;
    long work;
    (void)self;
    if (!PyArg_ParseTuple(args, "OOl", &a, &b, &work)) {
        return NULL;
    }
    subject.work = work;
    pyshim_enable_try_incref(a);
    pyshim_atomic_ref_store(&subject.cell, a);
    Py_XSETREF(subject.locked.value, Py_NewRef(a));
    Py_XSETREF(subject.a, Py_NewRef(a));
    Py_XSETREF(subject.b, Py_NewRef(b));
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"measure", measure, METH_VARARGS, NULL},
    {"set", set, METH_VARARGS, NULL},
    {"view_send", bench_view_send, METH_O, NULL},
    {"view_open", bench_view_open, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

/* What becomes of stack references in this process. */
static const char *stack_refs(void)
{
#ifdef PYSHIM_STACK_REF_CHECKS
    return pyshim_stack_ref_checking() ? "checked" : "checkable and not checked";
#else
    return "plain";
#endif
}

static int exec(PyObject *module)
{
    if (PyModule_AddStringConstant(module, "STACK_REFS", stack_refs()) < 0) {
        return -1;
    }
    return PyModule_AddIntConstant(module, "PLACES", BENCH_PLACES);
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {PYSHIM_MOD_GIL_SLOT, PYSHIM_MOD_GIL_VALUE(PYSHIM_MOD_GIL_SECTIONS)},
    {0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "bench", NULL, 0, methods, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_bench(void)
{
    return pyshim_module_init(&definition);
}
