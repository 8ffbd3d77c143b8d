/* A module with single-phase initialisation. */
#include "pyshim.h"

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "single_phase", NULL, -1, NULL, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_single_phase(void)
{
    PyObject *module = PyModule_Create(&definition);
    if (module != NULL && pyshim_module_set_gil(module, SINGLE_PHASE_GIL_BITS) < 0) {
        Py_DecRef(module);
        return NULL;
    }
    return module;
}
