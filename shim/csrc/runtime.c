/* SPDX-License-Identifier: 0BSD */
/* Asks the running CPython what it is. Headers cannot tell: one binary runs on many. */

/* An attribute of `sys` as an unsigned number. 1, 0 when there is none, or -1 with an exception. */
static int pyshim_core_sys_number(const char *name, unsigned long *value)
{
    PyObject *found = PySys_GetObject(name); /* borrowed */
    if (found == NULL) {
        PyErr_Clear();
        return 0;
    }
    *value = PyLong_AsUnsignedLong(found);
    return *value == (unsigned long)-1 && PyErr_Occurred() != NULL ? -1 : 1;
}

/* PY_VERSION_HEX >> 16 of the running CPython, which must give one answer. */
static int pyshim_core_ask_version(unsigned *version, pyshim_report *report)
{
    unsigned long hex = 0;
    const unsigned long *exported = (const unsigned long *)pyshim_core_find("Py_Version");
    if (pyshim_core_sys_number("hexversion", &hex) <= 0) {
        if (PyErr_Occurred() == NULL) {
            PyErr_Format(PyExc_ImportError, "pyshim: sys.hexversion is missing");
        }
        return pyshim_core_fail(report, PYSHIM_LOAD_PYTHON, 0, 0, NULL);
    }
    if (exported != NULL && *exported != hex) {
        return pyshim_core_fail(report, PYSHIM_LOAD_VERSION_LIES, hex, *exported, NULL);
    }
    *version = (unsigned)(hex >> 16);
    return 0;
}

/* Whether `sys.abiflags` has a t; -1 when it is not there. */
static int pyshim_core_flags_say_ft(void)
{
    PyObject *flags = PySys_GetObject("abiflags"); /* borrowed */
    PyObject *t;
    int says = -1;
    if (flags == NULL) {
        PyErr_Clear();
        return -1;
    }
    t = PyUnicode_FromString("t");
    if (t != NULL) {
        says = PyUnicode_Contains(flags, t);
        Py_DecRef(t);
    }
    PyErr_Clear();
    return says;
}

/* Whether `sys.abi_info.free_threaded` is true; -1 when it is not there. */
static int pyshim_core_abi_info_says_ft(void)
{
    PyObject *info = PySys_GetObject("abi_info"); /* borrowed */
    PyObject *value = info != NULL ? PyObject_GetAttrString(info, "free_threaded") : NULL;
    int says = value != NULL ? PyObject_IsTrue(value) : -1;
    Py_DecRef(value);
    PyErr_Clear();
    return says;
}

/* The size of an object's head, in bytes, as objects have it; 0 with an exception on failure. */
static unsigned pyshim_core_head_size(void)
{
    PyObject *size =
        PyObject_GetAttrString((PyObject *)(uintptr_t)&PyBaseObject_Type, "__basicsize__");
    long bytes = size != NULL ? PyLong_AsLong(size) : -1;
    Py_DecRef(size);
    if (bytes <= 0 && PyErr_Occurred() == NULL) {
        PyErr_Format(PyExc_ImportError, "pyshim: object.__basicsize__ is %ld", bytes);
    }
    return bytes > 0 ? (unsigned)bytes : 0;
}

/* GIL-enabled or free-threaded. The layout of objects decides, for that is what a wrong answer
 * would damage; what CPython says of itself must agree. */
static int pyshim_core_ask_build(unsigned version, unsigned *build, pyshim_report *report)
{
    const unsigned gil_head = PYSHIM_UPSTREAM_GIL_PyObject_SIZE;
    const unsigned ft_head = PYSHIM_UPSTREAM_FT_PyObject_SIZE;
    const char *const subjects[] = {"sys.abiflags", "sys.abi_info"};
    int says[2];
    int i;
    unsigned head = pyshim_core_head_size();
    if (head == 0) {
        return pyshim_core_fail(report, PYSHIM_LOAD_PYTHON, 0, 0, NULL);
    }
    /* Before the first free-threaded version a head of that size is a debug build's. */
    if (head != gil_head
        && (head != ft_head || pyshim_core_py_mod_gil_id(version, PYSHIM_RUNTIME_FT) < 0)) {
        return pyshim_core_fail(report, PYSHIM_LOAD_OBJECT, head, gil_head, NULL);
    }
    /* Before the first free-threaded version a t in the flags would mean something else. */
    says[0] = pyshim_core_py_mod_gil_id(version, PYSHIM_RUNTIME_GIL) < 0
                  ? -1
                  : pyshim_core_flags_say_ft();
    says[1] = pyshim_core_abi_info_says_ft();
    for (i = 0; i < 2; i++) {
        if (says[i] >= 0 && (says[i] == 1) != (head == ft_head)) {
            return pyshim_core_fail(report, PYSHIM_LOAD_BUILD_LIES, head,
                                    says[i] ? ft_head : gil_head, subjects[i]);
        }
    }
    *build = head == ft_head ? PYSHIM_RUNTIME_FT : PYSHIM_RUNTIME_GIL;
    return 0;
}

/* Whether PYTHON_GIL or -X gil keeps the GIL off whatever modules ask for. */
static int pyshim_core_gil_is_forced_off(void)
{
    PyObject *flags = PySys_GetObject("flags"); /* borrowed */
    PyObject *gil = flags != NULL ? PyObject_GetAttrString(flags, "gil") : NULL;
    long value = -1;
    if (gil != NULL) {
        value = PyLong_AsLong(gil); /* None, when nothing forces it, is not a number */
        Py_DecRef(gil);
    }
    PyErr_Clear();
    return value == 0;
}
