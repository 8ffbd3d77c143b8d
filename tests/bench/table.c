/* The loops through pyshim's table, as an extension for the limited API or abi3t has them. */
#define PYSHIM_FORCE_TABLE 1
#include "bench.h"

BENCH_LOOP(bench_table_section)
{
    pyshim_critical_section cs;
    long i;
    for (i = 0; i < n; i++) {
        pyshim_critical_section_begin(&cs, subject->a);
        pyshim_critical_section_end(&cs);
    }
}

BENCH_LOOP(bench_table_section2)
{
    pyshim_critical_section2 cs;
    long i;
    for (i = 0; i < n; i++) {
        pyshim_critical_section2_begin(&cs, subject->a, subject->b);
        pyshim_critical_section2_end(&cs);
    }
}

BENCH_LOOP(bench_table_try_incref)
{
    long i;
    for (i = 0; i < n; i++) {
        pyshim_try_incref(subject->a);
    }
}
