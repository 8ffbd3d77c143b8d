/* Try-incref on free-threaded 3.13, which has no name for it: what `_Py_TryIncref` and
 * `_PyObject_SetMaybeWeakref` of pycore_object.h do there, in the words of 3.13's public headers. */
#if defined(Py_GIL_DISABLED) && PY_VERSION_HEX < 0x030E0000
static inline int pyshim_direct_try_incref_local(PyObject *op)
{
    uint32_t local = _Py_atomic_load_uint32_relaxed(&op->ob_ref_local) + 1;
    if (local == 0) {
        return 1; /* immortal */
    }
    if (_Py_IsOwnedByCurrentThread(op)) {
        _Py_atomic_store_uint32_relaxed(&op->ob_ref_local, local);
        return 1;
    }
    return 0;
}

static inline int pyshim_direct_try_incref_shared(PyObject *op)
{
    Py_ssize_t shared = _Py_atomic_load_ssize_relaxed(&op->ob_ref_shared);
    for (;;) {
        if (shared == 0 || shared == _Py_REF_MERGED) {
            return 0;
        }
        if (_Py_atomic_compare_exchange_ssize(&op->ob_ref_shared, &shared,
                                              shared + (1 << _Py_REF_SHARED_SHIFT))) {
            return 1;
        }
    }
}

/* Two functions, for otherwise gcc lays the code out in another order than CPython's own. */
static inline int pyshim_direct_try_incref_ft(PyObject *op)
{
    return pyshim_direct_try_incref_local(op) || pyshim_direct_try_incref_shared(op);
}

static inline void pyshim_direct_enable_try_incref_ft(PyObject *op)
{
    Py_ssize_t shared;
    if (_Py_IsImmortal(op)) {
        return;
    }
    do {
        shared = _Py_atomic_load_ssize_relaxed(&op->ob_ref_shared);
    } while ((shared & _Py_REF_SHARED_FLAG_MASK) == 0
             && !_Py_atomic_compare_exchange_ssize(&op->ob_ref_shared, &shared,
                                                   shared | _Py_REF_MAYBE_WEAKREF));
}
#endif
