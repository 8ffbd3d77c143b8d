/* Two references to an object, made and given back: as stack references, and by CPython's macros. */
#include "bench.h"

/* The compiler does not know what becomes of the object in between. */
#define BENCH_MEANWHILE() __asm__ volatile("" : : : "memory")

BENCH_LOOP(bench_pyshim_stack_ref)
{
    long i;
    for (i = 0; i < n; i++) {
        pyshim_stack_ref first = pyshim_stack_ref_from_object_new(subject->a);
        pyshim_stack_ref second;
        BENCH_MEANWHILE();
        second = pyshim_stack_ref_dup(first);
        BENCH_MEANWHILE();
        pyshim_stack_ref_close(first);
        BENCH_MEANWHILE();
        pyshim_stack_ref_close(second);
    }
}

BENCH_LOOP(bench_cpython_stack_ref)
{
    long i;
    for (i = 0; i < n; i++) {
        PyObject *first = subject->a;
        PyObject *second;
        Py_INCREF(first);
        BENCH_MEANWHILE();
        second = first;
        Py_INCREF(second);
        BENCH_MEANWHILE();
        Py_DECREF(first);
        BENCH_MEANWHILE();
        Py_DECREF(second);
    }
}
