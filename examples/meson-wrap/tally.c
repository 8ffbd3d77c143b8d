/* file: tally.c */
#define PYSHIM_NEEDS PYSHIM_NEEDS_CRITICAL_SECTION /* what an import must not go without */
#include "pyshim.h"                                /* brings Python.h */

typedef struct {
    long long total;
} state;

/* tally.add(number) -> the new total */
static PyObject *add(PyObject *module, PyObject *number)
{
    state *s = (state *)PyModule_GetState(module);
    long long n = PyLong_AsLongLong(number);
    long long total;
    if (s == NULL || (n == -1 && PyErr_Occurred() != NULL)) {
        return NULL;
    }
    PYSHIM_BEGIN_CRITICAL_SECTION(module);
    s->total += n;
    total = s->total;
    PYSHIM_END_CRITICAL_SECTION();
    return PyLong_FromLongLong(total);
}

static PyMethodDef methods[] = {
    {"add", add, METH_O, "Adds a number to the total and returns the total."},
    {NULL, NULL, 0, NULL},
};

static const pyshim_module_slot slots[] = {
    PYSHIM_SLOT_STATE(state),
    PYSHIM_SLOT_METHODS(methods),
    PYSHIM_SLOT_GIL(PYSHIM_MOD_GIL_SECTIONS),
    PYSHIM_SLOT_END,
};

PYSHIM_MODULE(tally, slots);
