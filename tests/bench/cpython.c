/* The loops in CPython's own words: its exported functions, and its mutex around a cell. */
#include "bench.h"

/* GIL-enabled headers before 3.15 declare the functions and not the structs. */
typedef union bench_section {
    uintptr_t words[4];
} bench_section;

BENCH_LOOP(bench_cpython_section)
{
    bench_section cs;
    long i;
    for (i = 0; i < n; i++) {
        PyCriticalSection_Begin((PyCriticalSection *)(void *)&cs, subject->a);
        PyCriticalSection_End((PyCriticalSection *)(void *)&cs);
    }
}

BENCH_LOOP(bench_cpython_section2)
{
    bench_section cs;
    long i;
    for (i = 0; i < n; i++) {
        PyCriticalSection2_Begin((PyCriticalSection2 *)(void *)&cs, subject->a, subject->b);
        PyCriticalSection2_End((PyCriticalSection2 *)(void *)&cs);
    }
}

BENCH_LOOP(bench_cpython_try_incref)
{
    long i;
    for (i = 0; i < n; i++) {
#if PY_VERSION_HEX >= 0x030E0000
        PyUnstable_TryIncRef(subject->a);
#else
        pyshim_try_incref(subject->a); /* inline, as the function that 3.13 keeps to itself */
#endif
    }
}

static inline PyObject *load(bench_locked_cell *cell)
{
    PyObject *value;
    PyMutex_Lock(&cell->mutex);
    value = Py_XNewRef(cell->value);
    PyMutex_Unlock(&cell->mutex);
    return value;
}

static inline void store(bench_locked_cell *cell, PyObject *value)
{
    PyObject *old;
    Py_INCREF(value);
    PyMutex_Lock(&cell->mutex);
    old = cell->value;
    cell->value = value;
    PyMutex_Unlock(&cell->mutex);
    Py_XDECREF(old);
}

#define CELL_LOOP(name) bench_cpython_##name
#define CELL_LOAD(subject) load(&(subject)->locked)
#define CELL_STORE(subject, value) store(&(subject)->locked, value)
#include "cell_loops.h"
