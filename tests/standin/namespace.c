/* types.SimpleNamespace: import specs, sys.implementation, sys.flags. */
#include "standin.h"

typedef struct {
    PyObject ob_base;
    PyObject *dict;
} namespace_object;

static void namespace_dealloc(PyObject *op)
{
    Py_DecRef(((namespace_object *)op)->dict);
    standin_object_dealloc(op);
}

static PyObject *namespace_repr(PyObject *op)
{
    return PyUnicode_FromFormat("namespace(%R)", ((namespace_object *)op)->dict);
}

PyTypeObject standin_namespace_type = {
    .tp_name = "types.SimpleNamespace",
    .tp_basicsize = sizeof(namespace_object),
    .tp_dictoffset = offsetof(namespace_object, dict),
    .tp_dealloc = namespace_dealloc,
    .tp_repr = namespace_repr,
};

PyObject *standin_namespace(void)
{
    namespace_object *self = (namespace_object *)PyType_GenericAlloc(&standin_namespace_type, 0);
    if (self == NULL || (self->dict = PyDict_New()) == NULL) {
        _Py_FatalErrorFunc("standin_namespace", "out of memory");
    }
    return (PyObject *)self;
}

void standin_namespace_add(PyObject *op, const char *name, PyObject *value)
{
    if (standin_dict_add(((namespace_object *)op)->dict, name, value) < 0) {
        _Py_FatalErrorFunc("standin_namespace_add", name);
    }
}
