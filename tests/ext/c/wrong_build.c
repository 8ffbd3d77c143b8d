/* Tells the C core lies about what was compiled and collects what it says of them. */
#include "pyshim.h"

/* The message of the ImportError that a build is refused with. */
static PyObject *refusal(const pyshim_build *build)
{
    PyObject *type, *value, *traceback, *text;
    if (pyshim_init_build(build) == 0) {
        return PyUnicode_FromString("accepted");
    }
    if (!PyErr_ExceptionMatches(PyExc_ImportError)) {
        return NULL;
    }
#if PY_VERSION_HEX >= 0x030C0000
    type = traceback = NULL;
    value = PyErr_GetRaisedException();
#else
    PyErr_Fetch(&type, &value, &traceback);
#endif
    text = PyObject_Str(value);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    return text;
}

static int add(PyObject *list, const pyshim_build *build)
{
    PyObject *text = refusal(build);
    int result = text != NULL ? PyList_Append(list, text) : -1;
    Py_XDECREF(text);
    return result;
}

static PyObject *problems(PyObject *self, PyObject *unused)
{
    PyObject *list = PyList_New(0);
    pyshim_build builds[7];
    size_t i;
    (void)self;
    (void)unused;
    for (i = 0; i < 7; i++) {
        builds[i] = pyshim_this_build();
    }
    builds[0].flags ^= PYSHIM_BUILD_FLAGS_FREE_THREADED;
    builds[1].python += 0x00010000;
    builds[2].section_size -= (uint32_t)sizeof(void *);
    builds[3].section2_size -= (uint32_t)sizeof(void *);
    builds[4].pointer_size = 4;
    builds[5].table_hash = 0xdeadbeef;
    builds[6].size = 8;
    for (i = 0; list != NULL && i < 7; i++) {
        if (add(list, &builds[i]) < 0) {
            Py_CLEAR(list);
        }
    }
    return list;
}

static PyMethodDef methods[] = {
    {"problems", problems, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    {PYSHIM_MOD_GIL_SLOT, PYSHIM_MOD_GIL_VALUE(PYSHIM_MOD_GIL_SECTIONS)},
    {0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "wrong_build", NULL, 0, methods, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_wrong_build(void)
{
    return pyshim_module_init(&definition);
}
