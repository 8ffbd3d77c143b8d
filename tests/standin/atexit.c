/* atexit: what is called when the runtime ends, last first. */
#include "standin.h"

static PyObject *callbacks;

static PyObject *register_callback(UNUSED PyObject *module, PyObject *callback)
{
    return PyList_Append(callbacks, callback) < 0 ? NULL : standin_new_ref(callback);
}

static PyMethodDef methods[] = {
    {"register", register_callback, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

void standin_atexit_start(void)
{
    PyObject *module = PyModule_New("atexit");
    callbacks = PyList_New(0);
    PyModule_AddFunctions(module, methods);
    standin_dict_add(standin_modules, "atexit", module);
}

void standin_atexit_call(void)
{
    for (Py_ssize_t i = PyList_Size(callbacks); i-- > 0;) {
        PyObject *result = PyObject_CallNoArgs(PyList_GetItem(callbacks, i));
        if (result == NULL) {
            PyErr_Clear();
        }
        Py_DecRef(result);
    }
    Py_DecRef(callbacks);
    callbacks = NULL;
}
