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
    return found;
}

/* Takes back what CPython raises for a class that has no module. What else was raised remains. */
static void pyshim_core_forget_missing(void)
{
    PyObject *missing = pyshim_core_get()->natives.pytype_getmodule != NULL ? PyExc_TypeError
                                                                             : PyExc_AttributeError;
    if (PyErr_ExceptionMatches(missing)) {
        PyErr_Clear();
    }
}

/* The module of a class, if it is the one of the type. A new reference; NULL, perhaps with an exception. */
static PyObject *pyshim_core_module_at(const pyshim_core_made_type *made, const pyshim_type *type,
                                       PyObject *cls)
{
    const pyshim_core_natives *natives = &pyshim_core_get()->natives;
    PyObject *found;
    if (natives->pytype_getmodule == NULL) {
        found = pyshim_core_module_by_attribute(type, cls);
    } else {
        found = natives->pytype_getmodule(cls);
        Py_IncRef(found);
    }
    if (found == NULL) {
        pyshim_core_forget_missing();
    } else if (!pyshim_core_is_module_of(made, found)) {
        Py_DecRef(found);
        return NULL;
    }
    return found;
}

/* The class that a class derives from first; NULL where no type of ours can come any more. Borrowed. */
static PyObject *pyshim_core_first_base(PyObject *cls)
{
    const int id = PYSHIM_CORE_ID(pyshim_core_py_tp_base_id);
    if (!pyshim_core_is_heap_type(PyType_GetFlags((struct _typeobject *)(void *)cls))) {
        return NULL;
    }
    return (PyObject *)PyType_GetSlot((struct _typeobject *)(void *)cls, id);
}

/* Looks at a class, at its first base, at the first base of that. Where a class is being collected, its
 * method resolution order is gone, without which CPython's own functions that look for a module crash.
 * A new reference; NULL, perhaps with an exception. */
static PyObject *pyshim_core_module_in_line(const pyshim_core_made_type *made,
                                            const pyshim_type *type, PyObject *cls)
{
    PyObject *found = NULL;
    for (; cls != NULL && found == NULL && PyErr_Occurred() == NULL;
         cls = pyshim_core_first_base(cls)) {
        /* CPython makes an exception for a class without a module, which takes long. */
        if (made->dealloc == NULL || pyshim_core_dealloc_of(cls) == made->dealloc) {
            found = pyshim_core_module_at(made, type, cls);
        }
    }
    return found;
}

/* A type without data may be another base than the first. A new reference; NULL, perhaps with an
 * exception. */
static PyObject *pyshim_core_module_in_mro(const pyshim_core_made_type *made,
                                           const pyshim_type *type, PyObject *cls)
{
    PyObject *classes = PyObject_GetAttrString(cls, "__mro__"), *found = NULL;
    const Py_ssize_t count = classes != NULL ? PyTuple_Size(classes) : 0;
    Py_ssize_t i;
    if (count < 0) {
        PyErr_Clear(); /* of None, where the class is being collected */
    }
    for (i = 0; i < count && found == NULL && PyErr_Occurred() == NULL; i++) {
        found = pyshim_core_module_at(made, type, PyTuple_GetItem(classes, i));
    }
    Py_DecRef(classes);
    return found;
}

/* The module of a class, a new reference. NULL with an exception. */
static PyObject *pyshim_core_module_of_type(const pyshim_type *type, PyObject *cls)
{
    const pyshim_core_made_type *made = pyshim_core_made_of(type);
    PyObject *found;
    if (made == NULL) {
        PyErr_Format(PyExc_TypeError, "pyshim: nothing derives from %s, which is not made yet",
                     type->name);
        return NULL;
    }
    if (!pyshim_core_is_a_class(cls)) {
        PyErr_Format(PyExc_TypeError, "pyshim: what is no class does not derive from %s", type->name);
        return NULL;
    }
    found = pyshim_core_module_in_line(made, type, cls);
    if (found == NULL && PyErr_Occurred() == NULL) {
        found = pyshim_core_module_in_mro(made, type, cls);
    }
    if (found == NULL && PyErr_Occurred() == NULL) {
        PyErr_Format(PyExc_TypeError, "pyshim: a class does not derive from %s", type->name);
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
