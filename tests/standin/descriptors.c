/* What the methods, members and computed attributes of a type become in its dict. */
#include "standin.h"
#include <string.h> /* memcpy */

typedef struct {
    PyObject ob_base;
    PyTypeObject *type;
    PyObject *name;
    void *def;
} descriptor;

static void descriptor_dealloc(PyObject *op)
{
    Py_DecRef(((descriptor *)op)->name);
    standin_object_dealloc(op);
}

static PyObject *descriptor_new(PyTypeObject *kind, PyTypeObject *type, const char *name, void *def)
{
    descriptor *self = (descriptor *)PyType_GenericAlloc(kind, 0);
    if (self != NULL) {
        self->type = type;
        self->name = PyUnicode_FromString(name);
        self->def = def;
    }
    return (PyObject *)self;
}

static PyObject *method_get(PyObject *op, PyObject *instance, PyObject *type)
{
    descriptor *self = (descriptor *)op;
    PyMethodDef *def = self->def;
    if (def->ml_flags & METH_CLASS) {
        return PyCMethod_New(def, type, NULL, self->type);
    }
    return instance == NULL ? standin_new_ref(op) : PyCMethod_New(def, instance, NULL, self->type);
}

static PyObject *getset_get(PyObject *op, PyObject *instance, UNUSED PyObject *type)
{
    PyGetSetDef *def = ((descriptor *)op)->def;
    if (instance == NULL) {
        return standin_new_ref(op);
    }
    return def->get != NULL ? def->get(instance, def->closure)
                            : PyErr_Format(PyExc_AttributeError, "unreadable attribute");
}

static int getset_set(PyObject *op, PyObject *instance, PyObject *value)
{
    PyGetSetDef *def = ((descriptor *)op)->def;
    if (def->set == NULL) {
        PyErr_Format(PyExc_AttributeError, "attribute '%s' is not writable", def->name);
        return -1;
    }
    return def->set(instance, value, def->closure);
}

/* The kinds of member that tests use, by structmember.h's numbers. */
enum { T_INT = 1, T_LONG = 2, T_OBJECT = 6, T_UINT = 11, T_OBJECT_EX = 16, T_PYSSIZET = 19 };

static PyObject *member_get(PyObject *op, PyObject *instance, UNUSED PyObject *type)
{
    PyMemberDef *def = ((descriptor *)op)->def;
    if (instance == NULL) {
        return standin_new_ref(op);
    }
    void *field = (char *)instance + def->offset;
    switch (def->type) {
    case T_INT:
        return PyLong_FromLong(*(int *)field);
    case T_UINT:
        return PyLong_FromUnsignedLong(*(unsigned *)field);
    case T_LONG:
    case T_PYSSIZET:
        return PyLong_FromLong(*(long *)field);
    case T_OBJECT:
    case T_OBJECT_EX: {
        PyObject *value = *(PyObject **)field;
        if (value == NULL && def->type == T_OBJECT_EX) {
            return PyErr_Format(PyExc_AttributeError, "%s", def->name);
        }
        return standin_new_ref(value != NULL ? value : &_Py_NoneStruct);
    }
    default:
        return PyErr_Format(PyExc_SystemError, "bad memberdescr type for %s", def->name);
    }
}

static int member_set(PyObject *op, UNUSED PyObject *instance, UNUSED PyObject *value)
{
    PyErr_Format(PyExc_AttributeError, "attribute '%U' is not writable", ((descriptor *)op)->name);
    return -1;
}

PyTypeObject PyMethodDescr_Type = {
    .tp_name = "method_descriptor",
    .tp_basicsize = sizeof(descriptor),
    .tp_dealloc = descriptor_dealloc,
    .tp_descr_get = method_get,
};
PyTypeObject PyGetSetDescr_Type = {
    .tp_name = "getset_descriptor",
    .tp_basicsize = sizeof(descriptor),
    .tp_dealloc = descriptor_dealloc,
    .tp_descr_get = getset_get,
    .tp_descr_set = getset_set,
};
PyTypeObject PyMemberDescr_Type = {
    .tp_name = "member_descriptor",
    .tp_basicsize = sizeof(descriptor),
    .tp_dealloc = descriptor_dealloc,
    .tp_descr_get = member_get,
    .tp_descr_set = member_set,
};

int standin_add_descriptors(PyTypeObject *type)
{
    for (PyMethodDef *m = type->tp_methods; m != NULL && m->ml_name != NULL; m++) {
        PyObject *made = (m->ml_flags & METH_STATIC)
                             ? PyCFunction_NewEx(m, NULL, NULL)
                             : descriptor_new(&PyMethodDescr_Type, type, m->ml_name, m);
        if (standin_dict_add(type->tp_dict, m->ml_name, made) < 0) {
            return -1;
        }
    }
    for (PyGetSetDef *g = type->tp_getset; g != NULL && g->name != NULL; g++) {
        if (standin_dict_add(type->tp_dict, g->name,
                             descriptor_new(&PyGetSetDescr_Type, type, g->name, g)) < 0) {
            return -1;
        }
    }
    for (PyMemberDef *m = type->tp_members; m != NULL && m->name != NULL; m++) {
        if (standin_dict_add(type->tp_dict, m->name,
                             descriptor_new(&PyMemberDescr_Type, type, m->name, m)) < 0) {
            return -1;
        }
    }
    return 0;
}
