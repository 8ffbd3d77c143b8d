/* The sections of 3.13 to 3.15 cannot fail, so the checked forms only begin. */
#if defined(Py_GIL_DISABLED)
static inline int pyshim_direct_critical_section_begin_checked(pyshim_critical_section *cs,
                                                               PyObject *op)
{
    PyCriticalSection_Begin(PYSHIM_CAST(PyCriticalSection *, cs), op);
    return 0;
}

static inline int pyshim_direct_critical_section2_begin_checked(pyshim_critical_section2 *cs,
                                                                PyObject *a, PyObject *b)
{
    PyCriticalSection2_Begin(PYSHIM_CAST(PyCriticalSection2 *, cs), a, b);
    return 0;
}
#endif
