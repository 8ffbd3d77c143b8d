/* Loading an extension: its hook, the GIL around it, its module, and its exec slots. */
#include "standin.h"
#include <dlfcn.h>  /* dlopen, dlsym */
#include <stdio.h>  /* snprintf */
#include <string.h> /* strrchr */

PyObject *standin_modules;

typedef void *(*hook)(void);

static hook find_hook(void *library, const char *prefix, const char *name)
{
    char symbol[300];
    const char *dot = strrchr(name, '.');
    snprintf(symbol, sizeof(symbol), "%s_%s", prefix, dot != NULL ? dot + 1 : name);
    void *found = dlsym(library, symbol);
    hook result;
    memcpy(&result, &found, sizeof(result));
    return result;
}

/* What a hook gave back must go with whether it raised. */
static int check_hook(const char *name, const void *result)
{
    if ((result == NULL) == (PyErr_Occurred() != NULL)) {
        return 0;
    }
    if (result == NULL) {
        PyErr_Format(PyExc_SystemError, "initialization of %s failed without raising an exception",
                     name);
    } else {
        PyErr_Clear();
        PyErr_Format(PyExc_SystemError, "initialization of %s raised unreported exception", name);
    }
    return -1;
}

/* A definition becomes a module here; what single-phase initialisation gave is one already. */
static PyObject *module_from_init(hook init, const char *name, PyObject *spec)
{
    PyObject *result = init();
    if (check_hook(name, result) < 0 || result == NULL) {
        return NULL;
    }
    if (result->ob_type == NULL) {
        return PyErr_Format(PyExc_SystemError, "init function of %s returned uninitialized object",
                            name);
    }
    if (result->ob_type == &PyModuleDef_Type) {
        return PyModule_FromDefAndSpec2((PyModuleDef *)result, spec, 1013);
    }
    if (!standin_is_module(result)) {
        return PyErr_Format(PyExc_SystemError,
                            "initialization of %s did not return an extension module", name);
    }
    return result;
}

/* Only a module that says that it does without the GIL leaves it as it was. */
static int settle_gil(PyObject *module, const char *name)
{
    if (module == NULL ||
        (standin_is_module(module) && !((standin_module *)module)->requires_gil)) {
        standin_gil_disable_transient();
        return 0;
    }
    return standin_gil_enable_for_module(name);
}

static PyObject *create_by_init(hook init, const char *name, PyObject *spec)
{
    standin_gil_enable_transient();
    PyObject *module = module_from_init(init, name, spec);
    if (settle_gil(module, name) < 0) {
        Py_DecRef(module);
        return NULL;
    }
    return module;
}

static PyObject *create_by_export(hook export, const char *name, PyObject *spec)
{
    const PySlot *slots = export();
    if (check_hook(name, slots) < 0 || slots == NULL) {
        return NULL;
    }
    return PyModule_FromSlotsAndSpec(slots, spec);
}

static PyObject *create_module(const char *name, const char *path, PyObject *spec)
{
    void *library = dlopen(path, RTLD_NOW);
    if (library == NULL) {
        return PyErr_Format(PyExc_ImportError, "%s", dlerror());
    }
    hook export = standin.minor >= 15 ? find_hook(library, "PyModExport", name) : NULL;
    if (export != NULL) {
        return create_by_export(export, name, spec);
    }
    hook init = find_hook(library, "PyInit", name);
    if (init == NULL) {
        return PyErr_Format(PyExc_ImportError,
                            "dynamic module does not define module export function (%sPyInit_%s)",
                            standin.minor >= 15 ? "PyModExport_ or " : "", name);
    }
    return create_by_init(init, name, spec);
}

/* Loads it again where it is loaded already: that is how a second module of one definition comes
   about. */
PyObject *standin_import_extension(const char *name, const char *path)
{
    PyObject *spec = standin_namespace();
    standin_namespace_add(spec, "name", PyUnicode_FromString(name));
    standin_namespace_add(spec, "origin", PyUnicode_FromString(path));
    PyObject *module = create_module(name, path, spec);
    Py_DecRef(spec);
    if (module == NULL) {
        return NULL;
    }
    if (PyDict_SetItemString(standin_modules, name, module) < 0 || PyModule_Exec(module) < 0) {
        Py_DecRef(module);
        return NULL;
    }
    return module;
}

PyObject *PyImport_GetModuleDict(void)
{
    return standin_modules;
}
PyObject *PyImport_GetModule(PyObject *name)
{
    return standin_dict_get_new(standin_modules, name);
}

PyObject *PyImport_Import(PyObject *name)
{
    PyObject *module = PyImport_GetModule(name);
    return module != NULL ? module
                          : PyErr_Format(PyExc_ModuleNotFoundError, "No module named %R", name);
}
PyObject *PyImport_ImportModule(const char *name)
{
    PyObject *text = PyUnicode_FromString(name);
    PyObject *module = text == NULL ? NULL : PyImport_Import(text);
    Py_DecRef(text);
    return module;
}
