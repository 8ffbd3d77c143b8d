/* The C core's, for what the headers of this CPython have no function for. */
PYSHIM_HIDDEN void pyshim_core_mutex_lock(pyshim_mutex *mutex);
PYSHIM_HIDDEN int pyshim_core_mutex_try_lock(pyshim_mutex *mutex);
PYSHIM_HIDDEN void pyshim_core_mutex_unlock(pyshim_mutex *mutex);
PYSHIM_HIDDEN int pyshim_core_mutex_is_locked(pyshim_mutex *mutex);
PYSHIM_HIDDEN PyObject *pyshim_core_section_object(pyshim_mutex *mutex);

/* 3.13t has sections over objects only, which lock the byte that an object has for this and touch
 * nothing else of it; so the mutex passes for an object. */
#if defined(Py_GIL_DISABLED) && PY_VERSION_HEX < 0x030E0000
static inline void pyshim_direct_critical_section_begin_mutex(pyshim_critical_section *cs,
                                                              pyshim_mutex *mutex)
{
    PyCriticalSection_Begin(PYSHIM_CAST(PyCriticalSection *, cs),
                            pyshim_core_section_object(mutex));
}

static inline void pyshim_direct_critical_section2_begin_mutex(pyshim_critical_section2 *cs,
                                                               pyshim_mutex *a, pyshim_mutex *b)
{
    PyCriticalSection2_Begin(PYSHIM_CAST(PyCriticalSection2 *, cs), pyshim_core_section_object(a),
                             pyshim_core_section_object(b));
}
#endif
