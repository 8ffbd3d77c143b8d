/* Each mistake that one can make with a stack reference, and what is no mistake. A comment names the
 * line's part in its report, which tests/stack_refs looks for. One source for C and C++, for the full
 * API, the limited API and abi3t. */
#define PYSHIM_NEEDS 0
#include "pyshim.h"

static PyObject *none(void)
{
    Py_INCREF(Py_None);
    return Py_None;
}

static PyObject *leaked(PyObject *self, PyObject *op)
{
    pyshim_stack_ref_frame frame;
    pyshim_stack_ref ref;
    (void)self;
    pyshim_stack_ref_frame_push(&frame);
    ref = pyshim_stack_ref_from_object_new(op); /* leaked: made */
    (void)pyshim_stack_ref_as_object_borrow(ref); /* leaked: last borrowed */
    pyshim_stack_ref_frame_pop(&frame, pyshim_stack_ref_null()); /* leaked: still open */
    return none();
}

static PyObject *closed_twice(PyObject *self, PyObject *op)
{
    pyshim_stack_ref ref = pyshim_stack_ref_from_object_new(op); /* closed_twice: made */
    (void)self;
    pyshim_stack_ref_close(ref); /* closed_twice: first closed */
    pyshim_stack_ref_close(ref); /* closed_twice: again */
    return none();
}

static PyObject *used_after_close(PyObject *self, PyObject *op)
{
    pyshim_stack_ref ref = pyshim_stack_ref_from_object_new(op); /* used_after_close: made */
    (void)self;
    pyshim_stack_ref_xclose(ref);                        /* used_after_close: closed */
    pyshim_stack_ref_xclose(pyshim_stack_ref_dup(ref)); /* used_after_close: used */
    return none();
}

static PyObject *stolen_twice(PyObject *self, PyObject *op)
{
    pyshim_stack_ref ref = pyshim_stack_ref_from_object_new(op); /* stolen_twice: made */
    PyObject *mine = pyshim_stack_ref_as_object_steal(ref); /* stolen_twice: first stolen */
    (void)self;
    (void)pyshim_stack_ref_as_object_steal(ref); /* stolen_twice: again */
    Py_DECREF(mine);
    return none();
}

static PyObject *borrowed_after_close(PyObject *self, PyObject *op)
{
    pyshim_stack_ref ref = pyshim_stack_ref_from_object_new(op); /* borrowed_after_close: made */
    (void)self;
    pyshim_stack_ref_close(ref);                  /* borrowed_after_close: closed */
    (void)pyshim_stack_ref_as_object_borrow(ref); /* borrowed_after_close: borrowed */
    return none();
}

static PyObject *closed_while_borrowed(PyObject *self, PyObject *op)
{
    pyshim_stack_ref ref = pyshim_stack_ref_from_object_new(op); /* closed_while_borrowed: made */
    pyshim_stack_borrow borrow = pyshim_stack_ref_borrow(ref); /* closed_while_borrowed: borrowed */
    (void)self;
    pyshim_stack_ref_close(ref); /* closed_while_borrowed: closed */
    pyshim_stack_borrow_end(borrow);
    return none();
}

static PyObject *out_of_order(PyObject *self, PyObject *op)
{
    pyshim_stack_ref_frame outer, inner;
    (void)self;
    (void)op;
    pyshim_stack_ref_frame_push(&outer);
    pyshim_stack_ref_frame_push(&inner); /* out_of_order: one within it pushed */
    pyshim_stack_ref_frame_pop(&outer, pyshim_stack_ref_null()); /* out_of_order: popped */
    return none();
}

/* What another thread made. */
static pyshim_stack_ref kept;

static PyObject *keep(PyObject *self, PyObject *op)
{
    (void)self;
    kept = pyshim_stack_ref_from_object_new(op); /* kept: made */
    return none();
}

static PyObject *use_kept(PyObject *self, PyObject *op)
{
    (void)self;
    (void)op;
    pyshim_stack_ref_close(kept); /* kept: used */
    return none();
}

/* A reference that a function returns out of its frame. */
static pyshim_stack_ref returned(PyObject *op)
{
    pyshim_stack_ref_frame frame;
    pyshim_stack_ref ref;
    pyshim_stack_borrow borrow;
    pyshim_stack_ref_frame_push(&frame);
    ref = pyshim_stack_ref_from_object_steal(Py_BuildValue("(O)", op));
    borrow = pyshim_stack_ref_borrow(ref); /* ends with the frame */
    pyshim_stack_ref_close(pyshim_stack_borrow_dup(borrow));
    return pyshim_stack_ref_frame_pop(&frame, ref);
}

/* Uses everything, rightly. The result is (op,). */
static PyObject *fine(PyObject *self, PyObject *op)
{
    pyshim_stack_ref ref = returned(op);
    pyshim_stack_ref second = pyshim_stack_ref_dup(ref);
    pyshim_stack_borrow lent = pyshim_stack_ref_from_object_borrow(op);
    PyObject *counted = pyshim_stack_ref_as_object_new(ref);
    (void)self;
    Py_DECREF(counted);
    if (pyshim_stack_borrow_as_object(lent) != op || pyshim_stack_ref_is_null(second)) {
        PyErr_SetString(PyExc_AssertionError, "a reference is to another object");
    }
    pyshim_stack_borrow_end(lent);
    pyshim_stack_ref_clear(&second);
    pyshim_stack_ref_clear(&second);
    pyshim_stack_ref_xclose(second);
#ifdef __cplusplus
    {
        pyshim::stack_ref_frame_guard frame;
        pyshim::owned_stack_ref first(ref);
        pyshim::owned_stack_ref moved(static_cast<pyshim::owned_stack_ref &&>(first));
        pyshim::owned_stack_ref other(pyshim_stack_ref_from_object_new(op));
        other = static_cast<pyshim::owned_stack_ref &&>(moved);
        ref = frame.pop(other.release());
    }
#endif
    return pyshim_stack_ref_as_object_steal(ref);
}

static PyObject *checking(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    return PyBool_FromLong(pyshim_stack_ref_checking());
}

static PyMethodDef methods[] = {
    {"leaked", leaked, METH_O, NULL},
    {"closed_twice", closed_twice, METH_O, NULL},
    {"used_after_close", used_after_close, METH_O, NULL},
    {"stolen_twice", stolen_twice, METH_O, NULL},
    {"borrowed_after_close", borrowed_after_close, METH_O, NULL},
    {"closed_while_borrowed", closed_while_borrowed, METH_O, NULL},
    {"out_of_order", out_of_order, METH_O, NULL},
    {"keep", keep, METH_O, NULL},
    {"use_kept", use_kept, METH_O, NULL},
    {"fine", fine, METH_O, NULL},
    {"checking", checking, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

#ifdef Py_TARGET_ABI3T
PyABIInfo_VAR(abi_info);

static PySlot slots[] = {
    PySlot_PTR(Py_mod_name, "stack_mistakes"),
    PySlot_PTR_STATIC(Py_mod_methods, methods),
    PySlot_PTR(Py_mod_abi, &abi_info),
    PySlot_PTR(PYSHIM_MOD_GIL_SLOT, PYSHIM_MOD_GIL_VALUE(PYSHIM_MOD_GIL_SECTIONS)),
    PySlot_END,
};

PyMODEXPORT_FUNC PyModExport_stack_mistakes(void)
{
    return pyshim_module_export(slots);
}
#else
static PyModuleDef_Slot slots[] = {
    {PYSHIM_MOD_GIL_SLOT, PYSHIM_MOD_GIL_VALUE(PYSHIM_MOD_GIL_SECTIONS)},
    {0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "stack_mistakes", NULL, 0, methods, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_stack_mistakes(void)
{
    return pyshim_module_init(&definition);
}
#endif
