/* The loops over a cell. The including file says what a cell is: CELL_LOAD(subject) gives a new
 * reference, CELL_STORE(subject, value) borrows one, CELL_LOOP(name) names a loop. Not guarded: it
 * is text for one place in each of two files. */

BENCH_LOOP(CELL_LOOP(load))
{
    long i;
    for (i = 0; i < n; i++) {
        PyObject *value = CELL_LOAD(subject);
        bench_work(subject);
        Py_XDECREF(value);
    }
}

BENCH_LOOP(CELL_LOOP(store))
{
    long i;
    for (i = 0; i < n; i++) {
        CELL_STORE(subject, i % 2 == 0 ? subject->a : subject->b);
        bench_work(subject);
    }
}

/* One store, nine loads. */
BENCH_LOOP(CELL_LOOP(mixed))
{
    long i;
    for (i = 0; i < n; i++) {
        if (i % 10 == 0) {
            CELL_STORE(subject, i % 20 == 0 ? subject->a : subject->b);
            bench_work(subject);
        } else {
            PyObject *value = CELL_LOAD(subject);
            bench_work(subject);
            Py_XDECREF(value);
        }
    }
}
