/* sys and builtins: what a runtime says of itself, true or not. */
#include "standin.h"
#include <stdio.h> /* snprintf */

static PyObject *sys_dict;

static void add(const char *name, PyObject *value)
{
    if (standin_dict_add(sys_dict, name, value) < 0) {
        _Py_FatalErrorFunc("standin_sys_start", name);
    }
}

static PyObject *is_gil_enabled(UNUSED PyObject *self, UNUSED PyObject *args)
{
    return PyBool_FromLong(standin_gil_enabled());
}
static PyObject *getrefcount(UNUSED PyObject *self, PyObject *op)
{
    return PyLong_FromSsize_t(Py_REFCNT(op));
}
static PyMethodDef is_gil_enabled_def = {"_is_gil_enabled", is_gil_enabled, METH_NOARGS, NULL};
static PyMethodDef getrefcount_def = {"getrefcount", getrefcount, METH_O, NULL};

static const char *version_text(void)
{
    static char text[100];
    snprintf(text, sizeof(text), "%lu.%lu.%lu%s (stand-in) [C]", standin.hexversion >> 24,
             standin.hexversion >> 16 & 0xff, standin.hexversion >> 8 & 0xff,
             standin.claims_free_threaded ? " free-threading build" : "");
    return text;
}
const char *Py_GetVersion(void)
{
    return version_text();
}

static PyObject *version_info(void)
{
    PyObject *parts[] = {
        PyLong_FromUnsignedLong(standin.hexversion >> 24),
        PyLong_FromUnsignedLong(standin.hexversion >> 16 & 0xff),
        PyLong_FromUnsignedLong(standin.hexversion >> 8 & 0xff),
        PyUnicode_FromString("final"),
        PyLong_FromLong(0),
    };
    PyObject *made = PyTuple_Pack(5, parts[0], parts[1], parts[2], parts[3], parts[4]);
    for (int i = 0; i < 5; i++) {
        Py_DecRef(parts[i]);
    }
    return made;
}

static PyObject *implementation(void)
{
    PyObject *made = standin_namespace();
    standin_namespace_add(made, "name", PyUnicode_FromString("cpython"));
    standin_namespace_add(made, "cache_tag",
                          PyUnicode_FromFormat("cpython-3%lu", standin.hexversion >> 16 & 0xff));
    standin_namespace_add(made, "version", version_info());
    standin_namespace_add(made, "hexversion", PyLong_FromUnsignedLong(standin.hexversion));
    return made;
}

/* None where nothing forces the GIL on or off. */
static PyObject *gil_flag(void)
{
    if (!standin.claims_free_threaded) {
        return PyLong_FromLong(1);
    }
    return standin.gil == GIL_BY_MODULES ? standin_none() : PyLong_FromLong(standin.gil == GIL_ON);
}

static PyObject *flags(void)
{
    PyObject *made = standin_namespace();
    standin_namespace_add(made, "debug", PyLong_FromLong(0));
    standin_namespace_add(made, "verbose", PyLong_FromLong(0));
    if (standin.minor >= 13) {
        standin_namespace_add(made, "gil", gil_flag());
    }
    return made;
}

static PyObject *abi_info(void)
{
    PyObject *made = standin_namespace();
    standin_namespace_add(made, "pointer_bits", PyLong_FromLong(8 * sizeof(void *)));
    standin_namespace_add(made, "free_threaded", PyBool_FromLong(standin.claims_free_threaded));
    standin_namespace_add(made, "debug", PyBool_FromLong(0));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    standin_namespace_add(made, "byteorder", PyUnicode_FromString("big"));
#else
    standin_namespace_add(made, "byteorder", PyUnicode_FromString("little"));
#endif
    return made;
}

static void start_builtins(void)
{
    static PyTypeObject *const types[] = {
        &PyBaseObject_Type, &PyType_Type,  &PyLong_Type, &PyBool_Type, &PyUnicode_Type,
        &PyBytes_Type,      &PyTuple_Type, &PyList_Type, &PyDict_Type,
    };
    PyObject *builtins = PyModule_New("builtins");
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
        PyDict_SetItemString(PyModule_GetDict(builtins), types[i]->tp_name, (PyObject *)types[i]);
    }
    standin_dict_add(standin_modules, "builtins", builtins);
}

void standin_sys_start(void)
{
    standin_modules = PyDict_New();
    PyObject *sys = PyModule_New("sys");
    sys_dict = PyModule_GetDict(sys);
    standin_dict_add(standin_modules, "sys", sys);
    start_builtins();
    add("modules", standin_new_ref(standin_modules));
    add("hexversion", PyLong_FromUnsignedLong(standin.hexversion));
    add("version", PyUnicode_FromString(version_text()));
    add("version_info", version_info());
    add("abiflags", PyUnicode_FromString(standin.abiflags));
    add("api_version", PyLong_FromLong(1013));
    add("platform", PyUnicode_FromString("linux"));
    add("maxsize", PyLong_FromSsize_t(INTPTR_MAX));
    add("implementation", implementation());
    add("flags", flags());
    add("getrefcount", PyCFunction_NewEx(&getrefcount_def, NULL, NULL));
    if (standin.minor >= 13) {
        add("_is_gil_enabled", PyCFunction_NewEx(&is_gil_enabled_def, NULL, NULL));
    }
    if (standin.minor >= 15) {
        add("abi_info", abi_info());
    }
}

/* Borrowed; NULL without an exception. */
PyObject *PySys_GetObject(const char *name)
{
    return PyDict_GetItemString(sys_dict, name);
}
int PySys_SetObject(const char *name, PyObject *value)
{
    return PyDict_SetItemString(sys_dict, name, value);
}

static void write_to(FILE *file, const char *format, va_list args)
{
    vfprintf(file, format, args);
    fflush(file);
}
void PySys_WriteStderr(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    write_to(stderr, format, args);
    va_end(args);
}
void PySys_WriteStdout(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    write_to(stdout, format, args);
    va_end(args);
}
