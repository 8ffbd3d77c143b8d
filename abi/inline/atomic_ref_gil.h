/* The GIL keeps a value alive between reading the cell and taking the reference. */
#if !defined(Py_GIL_DISABLED)
static inline PyObject *pyshim_direct_atomic_ref_load_gil(pyshim_atomic_ref *ref)
{
    Py_XINCREF(ref->value);
    return ref->value;
}

static inline PyObject *pyshim_direct_atomic_ref_swap_gil(pyshim_atomic_ref *ref, PyObject *value)
{
    PyObject *old = ref->value;
    Py_XINCREF(value);
    ref->value = value;
    return old;
}

static inline void pyshim_direct_atomic_ref_store_gil(pyshim_atomic_ref *ref, PyObject *value)
{
    PyObject *old = pyshim_direct_atomic_ref_swap_gil(ref, value);
    Py_XDECREF(old);
}

static inline int pyshim_direct_atomic_ref_compare_exchange_gil(pyshim_atomic_ref *ref,
                                                                PyObject *expected,
                                                                PyObject *desired)
{
    if (ref->value != expected) {
        return 0;
    }
    pyshim_direct_atomic_ref_store_gil(ref, desired);
    return 1;
}
#endif
