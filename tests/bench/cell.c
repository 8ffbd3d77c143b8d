/* The loops over pyshim's atomic reference, in the full API. */
#include "bench.h"

#define CELL_LOOP(name) bench_pyshim_##name
#define CELL_LOAD(subject) pyshim_atomic_ref_load(&(subject)->cell)
#define CELL_STORE(subject, value) pyshim_atomic_ref_store(&(subject)->cell, value)
#include "cell_loops.h"
