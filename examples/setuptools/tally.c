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

#ifdef Py_TARGET_ABI3T
PyABIInfo_VAR(abi_info);

static PySlot slots[] = {
    PySlot_PTR(Py_mod_name, "tally"),
    PySlot_SIZE(Py_mod_state_size, sizeof(state)),
    PySlot_PTR_STATIC(Py_mod_methods, methods),
    PySlot_PTR(Py_mod_abi, &abi_info),
    PySlot_PTR(PYSHIM_MOD_GIL_SLOT, PYSHIM_MOD_GIL_VALUE(PYSHIM_MOD_GIL_SECTIONS)),
    PySlot_END,
};

PyMODEXPORT_FUNC PyModExport_tally(void)
{
    return pyshim_module_export(slots);
}
#else
static PyModuleDef_Slot slots[] = {
    {PYSHIM_MOD_GIL_SLOT, PYSHIM_MOD_GIL_VALUE(PYSHIM_MOD_GIL_SECTIONS)},
    {0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "tally", NULL, sizeof(state), methods, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_tally(void)
{
    return pyshim_module_init(&definition);
}
#endif
