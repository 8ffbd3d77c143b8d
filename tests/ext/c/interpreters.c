/* Runs code in a new interpreter: with a GIL of its own from 3.12 on, which is as far apart as two
 * interpreters get. */
#include "pyshim.h"

#if PY_VERSION_HEX >= 0x030C0000
static PyThreadState *new_interpreter(void)
{
    PyInterpreterConfig config = {0};
    PyThreadState *state = NULL;
    PyStatus status;
    config.allow_threads = 1;
    config.check_multi_interp_extensions = 1;
    config.gil = PyInterpreterConfig_OWN_GIL;
    status = Py_NewInterpreterFromConfig(&state, &config);
    return PyStatus_Exception(status) ? NULL : state;
}
#else
static PyThreadState *new_interpreter(void)
{
    return Py_NewInterpreter();
}
#endif

static PyObject *run(PyObject *self, PyObject *args)
{
    const char *code;
    PyThreadState *here, *there;
    int result;
    (void)self;
    if (!PyArg_ParseTuple(args, "s", &code)) {
        return NULL;
    }
    here = PyThreadState_Get();
    there = new_interpreter();
    if (there == NULL) {
        PyThreadState_Swap(here);
        PyErr_SetString(PyExc_RuntimeError, "no new interpreter");
        return NULL;
    }
    result = PyRun_SimpleString(code);
    Py_EndInterpreter(there);
    PyThreadState_Swap(here);
    return PyLong_FromLong(result);
}

static PyMethodDef methods[] = {
    {"run", run, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    {PYSHIM_MOD_GIL_SLOT, PYSHIM_MOD_GIL_VALUE(PYSHIM_MOD_GIL_SECTIONS)},
    {0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "interpreters", NULL, 0, methods, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_interpreters(void)
{
    return pyshim_module_init(&definition);
}
