/* Plain reference counting: the word is the address of the object. */
#if !defined(PYSHIM_STACK_REF_CHECKS) && !defined(PYSHIM_NO_PYTHON_H)
static inline pyshim_stack_ref pyshim_stack_ref_from_object_steal(PyObject *op)
{
    pyshim_stack_ref ref;
    ref.word = op;
    return ref;
}

static inline pyshim_stack_ref pyshim_stack_ref_from_object_new(PyObject *op)
{
    Py_INCREF(op);
    return pyshim_stack_ref_from_object_steal(op);
}

static inline pyshim_stack_borrow pyshim_stack_ref_from_object_borrow(PyObject *op)
{
    pyshim_stack_borrow borrow;
    borrow.word = op;
    return borrow;
}

static inline PyObject *pyshim_stack_ref_as_object_borrow(pyshim_stack_ref ref)
{
    return PYSHIM_CAST(PyObject *, ref.word);
}

static inline PyObject *pyshim_stack_ref_as_object_steal(pyshim_stack_ref ref)
{
    return PYSHIM_CAST(PyObject *, ref.word);
}

static inline PyObject *pyshim_stack_ref_as_object_new(pyshim_stack_ref ref)
{
    PyObject *op = pyshim_stack_ref_as_object_borrow(ref);
    Py_INCREF(op);
    return op;
}

static inline pyshim_stack_ref pyshim_stack_ref_dup(pyshim_stack_ref ref)
{
    return pyshim_stack_ref_from_object_new(pyshim_stack_ref_as_object_borrow(ref));
}

static inline pyshim_stack_borrow pyshim_stack_ref_borrow(pyshim_stack_ref ref)
{
    return pyshim_stack_ref_from_object_borrow(pyshim_stack_ref_as_object_borrow(ref));
}

static inline void pyshim_stack_ref_close(pyshim_stack_ref ref)
{
    PyObject *op = pyshim_stack_ref_as_object_steal(ref);
    Py_DECREF(op);
}

static inline void pyshim_stack_ref_xclose(pyshim_stack_ref ref)
{
    PyObject *op = pyshim_stack_ref_as_object_steal(ref);
    Py_XDECREF(op);
}

static inline void pyshim_stack_ref_clear(pyshim_stack_ref *ref)
{
    PyObject *op = pyshim_stack_ref_as_object_steal(*ref);
    if (op != PYSHIM_NULL) {
        ref->word = PYSHIM_NULL;
        Py_DECREF(op);
    }
}

static inline PyObject *pyshim_stack_borrow_as_object(pyshim_stack_borrow borrow)
{
    return PYSHIM_CAST(PyObject *, borrow.word);
}

static inline pyshim_stack_ref pyshim_stack_borrow_dup(pyshim_stack_borrow borrow)
{
    return pyshim_stack_ref_from_object_new(pyshim_stack_borrow_as_object(borrow));
}

static inline void pyshim_stack_borrow_end(pyshim_stack_borrow borrow)
{
    (void)borrow;
}

static inline void pyshim_stack_ref_frame_push(pyshim_stack_ref_frame *frame)
{
    (void)frame;
}

static inline pyshim_stack_ref pyshim_stack_ref_frame_pop(pyshim_stack_ref_frame *frame,
                                                          pyshim_stack_ref ref)
{
    (void)frame;
    return ref;
}
#endif
