/* Views for run.py, which sends them between interpreters. */
#include "bench.h"

PyObject *bench_view_send(PyObject *module, PyObject *exporter)
{
    (void)module;
    return pyshim_view_send(exporter);
}

PyObject *bench_view_open(PyObject *module, PyObject *token)
{
    (void)module;
    return pyshim_view_open(token);
}
