/* As CPython's own before it had a name: the count tells, and an immortal's count is above 0. */
static inline int pyshim_direct_try_incref_gil(PyObject *op)
{
    if (Py_REFCNT(op) > 0) {
        Py_INCREF(op);
        return 1;
    }
    return 0;
}
