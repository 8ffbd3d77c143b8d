/* Module objects and what is put into them. */
#include "standin.h"
#include <stdlib.h> /* free */

static void module_dealloc(PyObject *op)
{
    standin_module *self = (standin_module *)op;
    if (self->def != NULL && self->def->m_free != NULL) {
        self->def->m_free(op);
    } else if (self->state_free != NULL) {
        self->state_free(op);
    }
    Py_DecRef(self->dict);
    free(self->state);
    standin_object_dealloc(op);
}

static PyObject *module_repr(PyObject *op)
{
    return PyUnicode_FromFormat("<module '%s'>", PyModule_GetName(op));
}

PyTypeObject PyModule_Type = {
    .tp_name = "module",
    .tp_flags = TPFLAGS_BASETYPE,
    .tp_basicsize = sizeof(standin_module),
    .tp_dictoffset = offsetof(standin_module, dict),
    .tp_dealloc = module_dealloc,
    .tp_repr = module_repr,
};

static standin_module *check(PyObject *op)
{
    if (op == NULL || !standin_is_module(op)) {
        BAD_INTERNAL_CALL();
        return NULL;
    }
    return (standin_module *)op;
}

PyObject *PyModule_NewObject(PyObject *name)
{
    standin_module *self = (standin_module *)PyType_GenericAlloc(&PyModule_Type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->state_size = -1;
    self->requires_gil = true;
    self->dict = PyDict_New();
    if (self->dict == NULL || PyDict_SetItemString(self->dict, "__name__", name) < 0 ||
        PyDict_SetItemString(self->dict, "__doc__", &_Py_NoneStruct) < 0) {
        Py_DecRef((PyObject *)self);
        return NULL;
    }
    return (PyObject *)self;
}
PyObject *PyModule_New(const char *name)
{
    PyObject *text = PyUnicode_FromString(name);
    PyObject *made = text == NULL ? NULL : PyModule_NewObject(text);
    Py_DecRef(text);
    return made;
}

PyObject *PyModule_GetDict(PyObject *op)
{
    standin_module *self = check(op);
    return self == NULL ? NULL : self->dict;
}
PyObject *PyModule_GetNameObject(PyObject *op)
{
    standin_module *self = check(op);
    return self == NULL ? NULL : standin_new_ref(PyDict_GetItemString(self->dict, "__name__"));
}
const char *PyModule_GetName(PyObject *op)
{
    standin_module *self = check(op);
    PyObject *name = self == NULL ? NULL : PyDict_GetItemString(self->dict, "__name__");
    return name == NULL ? NULL : PyUnicode_AsUTF8(name);
}
PyModuleDef *PyModule_GetDef(PyObject *op)
{
    standin_module *self = check(op);
    return self == NULL ? NULL : self->def;
}
void *PyModule_GetState(PyObject *op)
{
    standin_module *self = check(op);
    return self == NULL ? NULL : self->state;
}
int PyModule_GetStateSize(PyObject *op, Py_ssize_t *n)
{
    standin_module *self = check(op);
    *n = self == NULL ? -1 : self->state_size;
    return self == NULL ? -1 : 0;
}
int PyModule_GetToken(PyObject *op, const void **token)
{
    standin_module *self = check(op);
    *token = self == NULL ? NULL : self->token;
    return self == NULL ? -1 : 0;
}

int PyModule_AddObjectRef(PyObject *op, const char *name, PyObject *value)
{
    standin_module *self = check(op);
    if (self == NULL) {
        return -1;
    }
    if (value == NULL) {
        if (PyErr_Occurred() == NULL) {
            PyErr_SetString(PyExc_SystemError,
                            "PyModule_AddObjectRef() must be called with an exception raised if "
                            "value is NULL");
        }
        return -1;
    }
    return PyDict_SetItemString(self->dict, name, value);
}
/* Takes the reference, even when it fails. */
int PyModule_Add(PyObject *op, const char *name, PyObject *value)
{
    int result = PyModule_AddObjectRef(op, name, value);
    Py_DecRef(value);
    return result;
}
/* Takes the reference only when it succeeds. */
int PyModule_AddObject(PyObject *op, const char *name, PyObject *value)
{
    int result = PyModule_AddObjectRef(op, name, value);
    if (result == 0) {
        Py_DecRef(value);
    }
    return result;
}
int PyModule_AddIntConstant(PyObject *op, const char *name, long value)
{
    return PyModule_Add(op, name, PyLong_FromLong(value));
}
int PyModule_AddStringConstant(PyObject *op, const char *name, const char *value)
{
    return PyModule_Add(op, name, PyUnicode_FromString(value));
}
PyObject *PyType_GetName(PyTypeObject *type);
int PyModule_AddType(PyObject *op, PyTypeObject *type)
{
    if (PyType_Ready(type) < 0) {
        return -1;
    }
    PyObject *name = PyType_GetName(type);
    int result = PyModule_AddObjectRef(op, PyUnicode_AsUTF8(name), (PyObject *)type);
    Py_DecRef(name);
    return result;
}
int PyModule_AddFunctions(PyObject *op, PyMethodDef *methods)
{
    standin_module *self = check(op);
    if (self == NULL) {
        return -1;
    }
    PyObject *name = PyDict_GetItemString(self->dict, "__name__");
    for (; methods->ml_name != NULL; methods++) {
        if (standin_dict_add(self->dict, methods->ml_name, PyCFunction_NewEx(methods, op, name)) <
            0) {
            return -1;
        }
    }
    return 0;
}
int PyModule_SetDocString(PyObject *op, const char *doc)
{
    return PyModule_Add(op, "__doc__", PyUnicode_FromString(doc));
}

#ifdef STANDIN_FT
int PyUnstable_Module_SetGIL(PyObject *op, void *gil)
{
    standin_module *self = check(op);
    if (self == NULL) {
        return -1;
    }
    self->requires_gil = standin_requires_gil((uintptr_t)gil);
    return 0;
}
#endif
