/* The C core from the inside: what it says where a family that a module needs has no provider. Every
 * CPython that was observed has one for the atomic reference, so that such a one is made up. */
#include "pyshim.c"

/* What becomes of a need for one family where a slot has no provider, as status and subject. */
static PyObject *without(PyObject *self, PyObject *args)
{
    static pyshim_core_loaded loaded;
    pyshim_build build = pyshim_this_build();
    pyshim_report report;
    unsigned needs;
    int slot;
    (void)self;
    if (!PyArg_ParseTuple(args, "Ii", &needs, &slot) || pyshim_init() < 0) {
        return NULL;
    }
    loaded = *pyshim_core_get();
    if (slot >= 0) {
        loaded.providers[slot] = NULL;
    }
    memset(&report, 0, sizeof(report));
    build.needs = needs;
    pyshim_core_compare_needs(&build, &loaded, &report);
    return Py_BuildValue("is", report.status, report.subject);
}

static PyMethodDef methods[] = {
    {"without", without, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static int exec(PyObject *module)
{
    return PyModule_AddIntConstant(module, "missing", PYSHIM_LOAD_MISSING) < 0
                   || PyModule_AddIntConstant(module, "sections", PYSHIM_NEEDS_CRITICAL_SECTION) < 0
                   || PyModule_AddIntConstant(module, "try_incref", PYSHIM_NEEDS_TRY_INCREF) < 0
                   || PyModule_AddIntConstant(module, "atomic_ref", PYSHIM_NEEDS_ATOMIC_REF) < 0
                   || PyModule_AddIntConstant(module, "slot_of_sections",
                                              pyshim_core_slot_critical_section_begin)
                          < 0
                   || PyModule_AddIntConstant(module, "slot_of_try_incref",
                                              pyshim_core_slot_try_incref)
                          < 0
                   || PyModule_AddIntConstant(module, "slot_of_atomic_ref",
                                              pyshim_core_slot_atomic_ref_load)
                          < 0
               ? -1
               : 0;
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)exec},
    {PYSHIM_MOD_GIL_SLOT, PYSHIM_MOD_GIL_VALUE(PYSHIM_MOD_GIL_SECTIONS)},
    {0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "needs", NULL, 0, methods, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_needs(void)
{
    return pyshim_module_init(&definition);
}
