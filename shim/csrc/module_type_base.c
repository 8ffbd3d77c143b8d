/* SPDX-License-Identifier: 0BSD */
/* The base of a type: the data of the type's objects lies behind what the base has. */

/* An attribute of a base that is a size. -1 with an exception. */
static long pyshim_core_size_of(PyObject *base, const char *name)
{
    PyObject *size = PyObject_GetAttrString(base, name);
    long bytes = size != NULL ? PyLong_AsLong(size) : -1;
    Py_DecRef(size);
    return bytes;
}

/* Whether CPython would take the base. What is published of a type holds for ever, so a base is looked
 * at before. 0 with TypeError. */
static int pyshim_core_is_a_base(const pyshim_type *type, PyObject *base)
{
    const int may_be = pyshim_core_py_tpflags_basetype_id(PYSHIM_CORE_NEWEST, PYSHIM_RUNTIME_GIL);
    if (!PyType_IsSubtype((struct _typeobject *)pyshim_core_type_of(base), &PyType_Type)) {
        PyErr_Format(PyExc_TypeError, "pyshim: the base of %s is no type", type->name);
        return 0;
    }
    if (!(PyType_GetFlags((struct _typeobject *)(void *)base) & (unsigned long)may_be)) {
        PyErr_Format(PyExc_TypeError, "pyshim: nothing may derive from the base of %s", type->name);
        return 0;
    }
    return 1;
}

/* The bytes that the objects of a base have; 0 with an exception. */
static uintptr_t pyshim_core_base_size(const pyshim_type *type, PyObject *base)
{
    long bytes, of_items;
    if (base == NULL) {
        return pyshim_core_head();
    }
    if (!pyshim_core_is_a_base(type, base)) {
        return 0;
    }
    of_items = pyshim_core_size_of(base, "__itemsize__");
    if (of_items > 0) {
        PyErr_Format(PyExc_TypeError,
                     "pyshim: objects of the base of %s end with items, of which each has another "
                     "number, so nothing can lie behind them",
                     type->name);
    }
    bytes = of_items == 0 ? pyshim_core_size_of(base, "__basicsize__") : -1;
    return bytes > 0 ? (uintptr_t)bytes : 0;
}
