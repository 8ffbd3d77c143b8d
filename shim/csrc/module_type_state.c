/* SPDX-License-Identifier: 0BSD */
/* The module of a type, where methods find their state. */

#include "module_type.h"

/* Whether a module is the one that a type was made for, in whichever interpreter. An attribute that leads
 * to it is anybody's to set. */
static int pyshim_core_is_module_of(const pyshim_core_made_type *made, PyObject *module)
{
    const void *token = module != NULL ? pyshim_core_token_of(module) : NULL;
    PyErr_Clear(); /* of what is no module */
    return token != NULL && token == made->token;
}

/* The name of the attribute that leads to the module before 3.9. A new reference. */
static PyObject *pyshim_core_module_attribute(const pyshim_type *type)
{
    return PyUnicode_FromFormat("__module_of_%s__", type->name);
}

/* Gives a type its module where CPython does not. */
static int pyshim_core_keep_module(PyObject *made, const pyshim_type *type, PyObject *module)
{
    PyObject *name;
    int result;
    if (pyshim_core_get()->natives.pytype_getmodule != NULL) {
        return 0;
    }
    name = pyshim_core_module_attribute(type);
    result = name != NULL ? PyObject_SetAttr(made, name, module) : -1;
    Py_DecRef(name);
    return result;
}

/* Before 3.9. A new reference; NULL, perhaps with an exception. */
static PyObject *pyshim_core_module_by_attribute(const pyshim_type *type, PyObject *cls)
{
    PyObject *name = pyshim_core_module_attribute(type);
    PyObject *found = name != NULL ? PyObject_GetAttr(cls, name) : NULL;
    Py_DecRef(name);
    if (found == NULL && PyErr_ExceptionMatches(PyExc_AttributeError)) {
        PyErr_Clear();
    }
    return found;
}

/* On 3.9 and 3.10. A new reference; NULL, perhaps with an exception. */
static PyObject *pyshim_core_module_in_mro(const pyshim_core_made_type *made, PyObject *cls)
{
    const pyshim_core_natives *natives = &pyshim_core_get()->natives;
    PyObject *classes = PyObject_GetAttrString(cls, "__mro__"), *found = NULL;
    const Py_ssize_t count = classes != NULL ? PyTuple_Size(classes) : 0;
    Py_ssize_t i;
    for (i = 0; i < count && found == NULL; i++) {
        PyObject *module = natives->pytype_getmodule(PyTuple_GetItem(classes, i));
        if (pyshim_core_is_module_of(made, module)) {
            Py_IncRef(module);
            found = module;
        }
    }
    Py_DecRef(classes);
    return found;
}

/* The module of a class, a new reference. NULL with an exception. */
static PyObject *pyshim_core_module_of_type(const pyshim_type *type, PyObject *cls)
{
    const pyshim_core_natives *natives = &pyshim_core_get()->natives;
    const pyshim_core_made_type *made =
        (const pyshim_core_made_type *)pyshim_core_slots_current((void *const *)(const void *)&type->made);
    PyObject *found;
    if (made == NULL) {
        PyErr_Format(PyExc_TypeError, "pyshim: nothing derives from %s, which is not made yet",
                     type->name);
        return NULL;
    }
    if (natives->pytype_getmodulebytoken != NULL) {
        return natives->pytype_getmodulebytoken(cls, made->token);
    }
    if (natives->pytype_getmodulebydef != NULL) {
        found = natives->pytype_getmodulebydef(cls, (void *)(uintptr_t)made->token);
        Py_IncRef(found);
        return found;
    }
    found = natives->pytype_getmodule != NULL ? pyshim_core_module_in_mro(made, cls)
                                              : pyshim_core_module_by_attribute(type, cls);
    if (PyErr_Occurred() == NULL && !pyshim_core_is_module_of(made, found)) {
        Py_DecRef(found);
        PyErr_Format(PyExc_TypeError, "pyshim: a class does not derive from %s", type->name);
        return NULL;
    }
    return found;
}

void *pyshim_type_state(const pyshim_type *type, PyObject *cls)
{
    pyshim_core_pending earlier;
    PyObject *module;
    void *state = NULL;
    pyshim_core_set_aside(&earlier);
    module = pyshim_core_module_of_type(type, cls);
    if (module != NULL) {
        state = PyModule_GetState(module);
        Py_DecRef(module); /* the type has another reference */
    }
    pyshim_core_settle(&earlier);
    return state;
}
