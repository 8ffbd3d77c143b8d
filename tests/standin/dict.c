/* dict: an array that is searched from the front. Keys are str, int, or compared by identity. */
#include "standin.h"
#include <stdlib.h> /* realloc */
#include <string.h> /* memcmp */

typedef struct {
    PyObject *key, *value;
} entry;
typedef struct {
    PyVarObject ob_base; /* how many there are; CPython's ma_used is in the same place */
    entry *entries;
    Py_ssize_t allocated;
} dict_object;

static void dict_dealloc(PyObject *op)
{
    dict_object *self = (dict_object *)op;
    for (Py_ssize_t i = 0; i < self->ob_base.ob_size; i++) {
        Py_DecRef(self->entries[i].key);
        Py_DecRef(self->entries[i].value);
    }
    free(self->entries);
    standin_object_dealloc(op);
}

static PyObject *dict_repr(PyObject *op)
{
    dict_object *self = (dict_object *)op;
    struct standin_text text = {0};
    standin_text_adds(&text, "{");
    for (Py_ssize_t i = 0; i < self->ob_base.ob_size; i++) {
        standin_text_adds(&text, i != 0 ? ", " : "");
        standin_text_repr(&text, self->entries[i].key);
        standin_text_adds(&text, ": ");
        standin_text_repr(&text, self->entries[i].value);
    }
    standin_text_adds(&text, "}");
    return standin_text_finish(&text);
}

static PyObject *dict_setdefault(PyObject *op, PyObject *args)
{
    PyObject *key = PyTuple_GetItem(args, 0), *value = PyTuple_GetItem(args, 1);
    if (key == NULL || value == NULL) {
        return NULL;
    }
    PyObject *found = standin_dict_get_new(op, key);
    if (found != NULL) {
        return found;
    }
    return PyDict_SetItem(op, key, value) < 0 ? NULL : standin_new_ref(value);
}

static PyMethodDef dict_methods[] = {
    {"setdefault", dict_setdefault, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

PyTypeObject PyDict_Type = {
    .tp_name = "dict",
    .tp_methods = dict_methods,
    .tp_basicsize = sizeof(dict_object),
    .tp_flags = TPFLAGS_DICT,
    .tp_new = PyType_GenericNew,
    .tp_dealloc = dict_dealloc,
    .tp_repr = dict_repr,
};

PyObject *PyDict_New(void)
{
    return PyType_GenericAlloc(&PyDict_Type, 0);
}

static bool is_dict(PyObject *op)
{
    return op != NULL && (op->ob_type->tp_flags & TPFLAGS_DICT);
}

static bool same(PyObject *a, PyObject *b)
{
    if (a == b) {
        return true;
    }
    unsigned long both = a->ob_type->tp_flags & b->ob_type->tp_flags;
    if (both & TPFLAGS_UNICODE) {
        return strcmp(PyUnicode_AsUTF8(a), PyUnicode_AsUTF8(b)) == 0;
    }
    if (both & TPFLAGS_LONG) {
        standin_long *x = (standin_long *)a, *y = (standin_long *)b;
        return x->negative == y->negative && x->magnitude == y->magnitude;
    }
    return false;
}

static entry *find(dict_object *self, PyObject *key)
{
    for (Py_ssize_t i = 0; i < self->ob_base.ob_size; i++) {
        if (same(self->entries[i].key, key)) {
            return &self->entries[i];
        }
    }
    return NULL;
}

int PyDict_SetItem(PyObject *op, PyObject *key, PyObject *value)
{
    if (!is_dict(op) || value == NULL) {
        BAD_INTERNAL_CALL();
        return -1;
    }
    dict_object *self = (dict_object *)op;
    PyObject *old = NULL;
    PyCriticalSection c;
    standin_lock_object(&c, op);
    entry *found = find(self, key);
    if (found != NULL) {
        old = found->value;
        found->value = standin_new_ref(value);
    } else {
        if (self->ob_base.ob_size == self->allocated) {
            Py_ssize_t allocated = self->allocated * 2 + 8;
            entry *moved = realloc(self->entries, (size_t)allocated * sizeof(*moved));
            if (moved == NULL) {
                standin_unlock_object(&c);
                PyErr_NoMemory();
                return -1;
            }
            self->entries = moved;
            self->allocated = allocated;
        }
        self->entries[self->ob_base.ob_size++] =
            (entry){standin_new_ref(key), standin_new_ref(value)};
    }
    standin_unlock_object(&c);
    Py_DecRef(old);
    return 0;
}

int PyDict_DelItem(PyObject *op, PyObject *key)
{
    dict_object *self = (dict_object *)op;
    entry gone = {NULL, NULL};
    PyCriticalSection c;
    standin_lock_object(&c, op);
    entry *found = find(self, key);
    if (found != NULL) {
        gone = *found;
        entry *end = self->entries + self->ob_base.ob_size--;
        memmove(found, found + 1, (size_t)((char *)end - (char *)(found + 1)));
    }
    standin_unlock_object(&c);
    if (gone.key == NULL) {
        PyErr_SetObject(PyExc_KeyError, key);
        return -1;
    }
    Py_DecRef(gone.key);
    Py_DecRef(gone.value);
    return 0;
}

PyObject *standin_dict_get_new(PyObject *op, PyObject *key)
{
    PyCriticalSection c;
    standin_lock_object(&c, op);
    entry *found = find((dict_object *)op, key);
    PyObject *value = found == NULL ? NULL : standin_new_ref(found->value);
    standin_unlock_object(&c);
    return value;
}

/* Borrowed, and no exception where it is absent. */
PyObject *PyDict_GetItem(PyObject *op, PyObject *key)
{
    if (!is_dict(op)) {
        return NULL;
    }
    PyCriticalSection c;
    standin_lock_object(&c, op);
    entry *found = find((dict_object *)op, key);
    PyObject *value = found == NULL ? NULL : found->value;
    standin_unlock_object(&c);
    return value;
}
PyObject *PyDict_GetItemWithError(PyObject *op, PyObject *key)
{
    return PyDict_GetItem(op, key);
}
int PyDict_GetItemRef(PyObject *op, PyObject *key, PyObject **value)
{
    *value = standin_dict_get_new(op, key);
    return *value != NULL;
}
int PyDict_Contains(PyObject *op, PyObject *key)
{
    return PyDict_GetItem(op, key) != NULL;
}

/* The functions that take the key as text make the str and let go of it again. */
PyObject *PyDict_GetItemString(PyObject *op, const char *key)
{
    PyObject *name = PyUnicode_FromString(key);
    PyObject *value = PyDict_GetItem(op, name);
    Py_DecRef(name);
    return value;
}
int PyDict_GetItemStringRef(PyObject *op, const char *key, PyObject **value)
{
    PyObject *name = PyUnicode_FromString(key);
    int result = PyDict_GetItemRef(op, name, value);
    Py_DecRef(name);
    return result;
}
int PyDict_SetItemString(PyObject *op, const char *key, PyObject *value)
{
    PyObject *name = PyUnicode_FromString(key);
    int result = PyDict_SetItem(op, name, value);
    Py_DecRef(name);
    return result;
}
int PyDict_DelItemString(PyObject *op, const char *key)
{
    PyObject *name = PyUnicode_FromString(key);
    int result = PyDict_DelItem(op, name);
    Py_DecRef(name);
    return result;
}
int standin_dict_add(PyObject *op, const char *key, PyObject *value)
{
    int result = value == NULL ? -1 : PyDict_SetItemString(op, key, value);
    Py_DecRef(value);
    return result;
}

Py_ssize_t PyDict_Size(PyObject *op)
{
    if (!is_dict(op)) {
        BAD_INTERNAL_CALL();
        return -1;
    }
    return ((dict_object *)op)->ob_base.ob_size;
}

int PyDict_Next(PyObject *op, Py_ssize_t *position, PyObject **key, PyObject **value)
{
    dict_object *self = (dict_object *)op;
    if (*position >= self->ob_base.ob_size) {
        return 0;
    }
    entry *at = &self->entries[(*position)++];
    if (key != NULL) {
        *key = at->key;
    }
    if (value != NULL) {
        *value = at->value;
    }
    return 1;
}

PyObject *PyDict_Keys(PyObject *op)
{
    dict_object *self = (dict_object *)op;
    PyObject *keys = PyList_New(0);
    for (Py_ssize_t i = 0; keys != NULL && i < self->ob_base.ob_size; i++) {
        PyList_Append(keys, self->entries[i].key);
    }
    return keys;
}
