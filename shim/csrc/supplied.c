/* SPDX-License-Identifier: 0BSD */
/* What a universal module does where CPython has not the function that macros of newer headers call.
 * Versions without it are no longer changed, so their layouts are as they were observed. */

#ifdef PYSHIM_UNIVERSAL

#include <limits.h> /* INT_MIN, INT_MAX */

/* What a universal module looks for, so that it is not linked with a core that has none of this. */
extern PYSHIM_HIDDEN const char pyshim_core_for_universal;
const char pyshim_core_for_universal = 1;

PYSHIM_CORE_FUNCTION PyObject _Py_FalseStruct;
PYSHIM_CORE_FUNCTION PyObject _Py_TrueStruct;
PYSHIM_CORE_FUNCTION PyObject _Py_EllipsisObject;
PYSHIM_CORE_FUNCTION PyObject _Py_NotImplementedStruct;
PYSHIM_CORE_FUNCTION PyObject *PyCFunction_NewEx(struct PyMethodDef *, PyObject *, PyObject *);

/* What is loaded. A constructor of a C++ static may call a function before the module's hook has loaded
 * anything; it runs in an import, so a thread state is attached. */
static const pyshim_core_loaded *pyshim_core_supplied_from(void)
{
    if (pyshim_core_get() == NULL && pyshim_init() < 0) {
        Py_FatalError("pyshim: a macro of Python.h was used before the module's hook, and the running "
                      "CPython does not fit the module");
    }
    return pyshim_core_get();
}

static void *pyshim_core_supplied_type(PyObject *op)
{
    return pyshim_core_read_type(op);
}

static int pyshim_core_supplied_is_type(PyObject *op, void *type)
{
    return pyshim_core_supplied_type(op) == type;
}

static size_t pyshim_core_supplied_size_place(void)
{
    return pyshim_core_runs_ft() ? PYSHIM_UPSTREAM_FT_PyVarObject_ob_size
                                 : PYSHIM_UPSTREAM_GIL_PyVarObject_ob_size;
}

static Py_ssize_t pyshim_core_supplied_size(PyObject *op)
{
    Py_ssize_t size;
    memcpy(&size, (const char *)op + pyshim_core_supplied_size_place(), sizeof(size));
    return size;
}

/* The object is nobody else's yet, as CPython wants it. */
static void pyshim_core_supplied_set_size(void *op, Py_ssize_t size)
{
    memcpy((char *)op + pyshim_core_supplied_size_place(), &size, sizeof(size));
}

/* As free-threaded 3.13 counts, where another thread may change either part. */
static Py_ssize_t pyshim_core_supplied_refcnt(PyObject *op)
{
    Py_ssize_t count;
    if (pyshim_core_runs_ft()) {
        const uint32_t local =
            pyshim_atomic_load_u32(pyshim_core_ob_ref_local(op), PYSHIM_ORDER_TRY_LOCAL_READ);
        const intptr_t shared =
            pyshim_atomic_load_ssize(pyshim_core_ob_ref_shared(op), PYSHIM_ORDER_TRY_SHARED_READ);
        return (Py_ssize_t)local + (Py_ssize_t)(shared / PYSHIM_REF_ONE);
    }
    memcpy(&count, (const char *)op + PYSHIM_UPSTREAM_GIL_PyObject_ob_refcnt, sizeof(count));
    return count;
}

static void pyshim_core_supplied_incref(PyObject *op)
{
    Py_IncRef(op);
}

static void pyshim_core_supplied_decref(PyObject *op)
{
    Py_DecRef(op);
}

/* Versions before 3.13 have the GIL, and let those alone that 3.12 does not count, whose counts are
 * negative as 32 bits. */
static void pyshim_core_supplied_set_refcnt(PyObject *ob, Py_ssize_t refcnt)
{
    char *at = (char *)ob + PYSHIM_UPSTREAM_GIL_PyObject_ob_refcnt;
    Py_ssize_t now;
    memcpy(&now, at, sizeof(now));
    if ((int32_t)now >= 0) {
        memcpy(at, &refcnt, sizeof(refcnt));
    }
}

static int pyshim_core_supplied_is(PyObject *x, PyObject *y)
{
    return x == y;
}

/* Only those that macros ask for. */
static PyObject *pyshim_core_supplied_constant(unsigned constant_id)
{
    static const struct {
        pyshim_core_id_of id_of;
        PyObject *constant;
    } constants[] = {
        {pyshim_core_py_constant_none_id, &_Py_NoneStruct},
        {pyshim_core_py_constant_false_id, &_Py_FalseStruct},
        {pyshim_core_py_constant_true_id, &_Py_TrueStruct},
        {pyshim_core_py_constant_ellipsis_id, &_Py_EllipsisObject},
        {pyshim_core_py_constant_not_implemented_id, &_Py_NotImplementedStruct},
    };
    size_t i;
    for (i = 0; i < sizeof(constants) / sizeof(constants[0]); i++) {
        if (constants[i].id_of(PYSHIM_CORE_NEWEST, PYSHIM_RUNTIME_GIL) == (int)constant_id) {
            return constants[i].constant;
        }
    }
    PyErr_Format(PyExc_SystemError, "pyshim: there is no constant %u before 3.13", constant_id);
    return NULL;
}

static int pyshim_core_supplied_del(PyObject *op, PyObject *name)
{
    return PyObject_SetAttr(op, name, NULL);
}

static int pyshim_core_supplied_del_named(PyObject *op, const char *name)
{
    return PyObject_SetAttrString(op, name, NULL);
}

static int pyshim_core_supplied_long_as_int(PyObject *obj)
{
    long value = PyLong_AsLong(obj);
    if (value < INT_MIN || value > INT_MAX) {
        PyErr_Format(PyExc_OverflowError, "Python int too large to convert to C int");
        return -1;
    }
    return (int)value;
}

static PyObject *pyshim_core_supplied_cmethod_new(void *ml, PyObject *self, PyObject *module,
                                                  void *cls)
{
    if (cls != NULL) {
        PyErr_Format(PyExc_SystemError, "pyshim: no method knows its class before 3.9");
        return NULL;
    }
    return PyCFunction_NewEx((struct PyMethodDef *)ml, self, module);
}

static void pyshim_core_supplied_section_begin(void *c, PyObject *op)
{
    (void)c; /* the GIL does the work of sections */
    (void)op;
}

static void pyshim_core_supplied_section_end(void *c)
{
    (void)c;
}

static void pyshim_core_supplied_section2_begin(void *c, PyObject *a, PyObject *b)
{
    (void)c;
    (void)a;
    (void)b;
}

#include "generated/supplied.c"

#endif
