/* Locks a mutex directly and uses it in a section, which nobody should; and another one properly. */
#include "pyshim.h"

static pyshim_mutex mixed_up, proper;

static void use_in_a_section(pyshim_mutex *mutex)
{
    pyshim_critical_section cs;
    pyshim_critical_section_begin_mutex(&cs, mutex); /* a section */
    pyshim_critical_section_end(&cs);
}

static PyObject *mix(PyObject *self, PyObject *unused)
{
    int i;
    (void)self;
    (void)unused;
    for (i = 0; i < 3; i++) {
        use_in_a_section(&proper);
        use_in_a_section(&mixed_up);
        pyshim_mutex_lock(&mixed_up); /* directly */
        pyshim_mutex_unlock(&mixed_up);
    }
    return PyLong_FromLong(0);
}

static PyMethodDef methods[] = {
    {"mix", mix, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    {PYSHIM_MOD_GIL_SLOT, PYSHIM_MOD_GIL_VALUE(PYSHIM_MOD_GIL_SECTIONS)},
    {0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "mixed", NULL, 0, methods, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_mixed(void)
{
    return pyshim_module_init(&definition);
}
