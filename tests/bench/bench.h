/* What the files of the benchmark extension share. Each loop is there twice: in CPython's own words
 * and in pyshim's. Both are in one process and take turns. */
#ifndef BENCH_H
#define BENCH_H

#include "pyshim.h"

/* What a cell is without pyshim. */
typedef struct bench_locked_cell {
    PyMutex mutex;
    PyObject *value;
} bench_locked_cell;

/* What loops work on. The cells are on lines of their own. */
typedef struct bench_subject {
    PyObject *a, *b;
    long work; /* what a thread does of its own between two accesses of a cell */
    pyshim_atomic_ref cell __attribute__((aligned(128)));
    bench_locked_cell locked __attribute__((aligned(128)));
} bench_subject;

/* Does a thing n times. */
typedef void bench_loop(bench_subject *subject, long n);

/* Where a short loop lies in its cache line can change its time more than what it does, so each is
 * there at several distances from the start of one, and all count alike. */
#define BENCH_PLACES 8
#define BENCH_PLACE(name, place)                                                                   \
    static __attribute__((noinline, aligned(64))) void name##_##place(bench_subject *subject,      \
                                                                      long n)                      \
    {                                                                                              \
        __asm__ volatile(".rept " #place "\n\tnopl 0(%%rax,%%rax,1)\n\t.endr" ::);                  \
        name##_loop(subject, n);                                                                   \
    }
#define BENCH_LOOP(name) BENCH_PLACES_OF(name)
#define BENCH_PLACES_OF(name)                                                                      \
    static inline __attribute__((always_inline)) void name##_loop(bench_subject *subject, long n); \
    BENCH_PLACE(name, 0)                                                                           \
    BENCH_PLACE(name, 1)                                                                           \
    BENCH_PLACE(name, 2)                                                                           \
    BENCH_PLACE(name, 3)                                                                           \
    BENCH_PLACE(name, 4)                                                                           \
    BENCH_PLACE(name, 5)                                                                           \
    BENCH_PLACE(name, 6)                                                                           \
    BENCH_PLACE(name, 7)                                                                           \
    bench_loop *const name[BENCH_PLACES] = {name##_0, name##_1, name##_2, name##_3,                \
                                            name##_4, name##_5, name##_6, name##_7};               \
    static inline void name##_loop(bench_subject *subject, long n)

extern PYSHIM_HIDDEN bench_loop *const bench_cpython_section[BENCH_PLACES];
extern PYSHIM_HIDDEN bench_loop *const bench_cpython_section2[BENCH_PLACES];
extern PYSHIM_HIDDEN bench_loop *const bench_cpython_try_incref[BENCH_PLACES];
extern PYSHIM_HIDDEN bench_loop *const bench_table_section[BENCH_PLACES];
extern PYSHIM_HIDDEN bench_loop *const bench_table_section2[BENCH_PLACES];
extern PYSHIM_HIDDEN bench_loop *const bench_table_try_incref[BENCH_PLACES];
extern PYSHIM_HIDDEN bench_loop *const bench_table_mutex[BENCH_PLACES];
extern PYSHIM_HIDDEN bench_loop *const bench_cpython_mutex[BENCH_PLACES];
extern PYSHIM_HIDDEN bench_loop *const bench_plain_mutex[BENCH_PLACES];
extern PYSHIM_HIDDEN bench_loop *const bench_table_once[BENCH_PLACES];
extern PYSHIM_HIDDEN bench_loop *const bench_plain_once[BENCH_PLACES];
extern PYSHIM_HIDDEN bench_loop *const bench_std_once[BENCH_PLACES];
extern PYSHIM_HIDDEN bench_loop *const bench_cpython_load[BENCH_PLACES];
extern PYSHIM_HIDDEN bench_loop *const bench_cpython_store[BENCH_PLACES];
extern PYSHIM_HIDDEN bench_loop *const bench_cpython_mixed[BENCH_PLACES];
extern PYSHIM_HIDDEN bench_loop *const bench_pyshim_load[BENCH_PLACES];
extern PYSHIM_HIDDEN bench_loop *const bench_pyshim_store[BENCH_PLACES];
extern PYSHIM_HIDDEN bench_loop *const bench_pyshim_mixed[BENCH_PLACES];
extern PYSHIM_HIDDEN bench_loop *const bench_pyshim_stack_ref[BENCH_PLACES];
extern PYSHIM_HIDDEN bench_loop *const bench_cpython_stack_ref[BENCH_PLACES];

/* A chain of multiplications, about a nanosecond each. */
static inline void bench_work(const bench_subject *subject)
{
    unsigned long x = 1;
    long i;
    for (i = 0; i < subject->work; i++) {
        x = x * 6364136223846793005u + 1;
    }
    __asm__ volatile("" : : "r"(x));
}

/* Methods of the module. */
PyObject *bench_view_send(PyObject *module, PyObject *exporter);
PyObject *bench_view_open(PyObject *module, PyObject *token);

#endif
