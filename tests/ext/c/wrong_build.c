/* Tells the C core lies about what was compiled and collects what it says of them. */
#include "pyshim.h"

#include <string.h> /* memcmp, memset */

/* The message of the ImportError that a build is refused with. */
static PyObject *refusal(const pyshim_build *build)
{
    PyObject *type, *value, *traceback, *text;
    if (pyshim_init_build(build) == 0) {
        return PyUnicode_FromString("accepted");
    }
    if (!PyErr_ExceptionMatches(PyExc_ImportError)) {
        return NULL;
    }
#if PY_VERSION_HEX >= 0x030C0000
    type = traceback = NULL;
    value = PyErr_GetRaisedException();
#else
    PyErr_Fetch(&type, &value, &traceback);
#endif
    text = PyObject_Str(value);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    return text;
}

static int add(PyObject *list, const pyshim_build *build)
{
    PyObject *text = refusal(build);
    int result = text != NULL ? PyList_Append(list, text) : -1;
    Py_XDECREF(text);
    return result;
}

static PyObject *problems(PyObject *self, PyObject *unused)
{
    PyObject *list = PyList_New(0);
    pyshim_build builds[8];
    size_t i;
    (void)self;
    (void)unused;
    for (i = 0; i < 8; i++) {
        builds[i] = pyshim_this_build();
    }
    builds[0].flags ^= PYSHIM_BUILD_FLAGS_FREE_THREADED;
    builds[1].python += 0x00010000;
    builds[2].section_size -= (uint32_t)sizeof(void *);
    builds[3].section2_size -= (uint32_t)sizeof(void *);
    builds[4].pointer_size = 4;
    builds[5].table_hash = 0xdeadbeef;
    builds[6].size = 8;
    builds[7].table_length++;
    for (i = 0; list != NULL && i < 8; i++) {
        if (add(list, &builds[i]) < 0) {
            Py_CLEAR(list);
        }
    }
    return list;
}

/* Whether a report of that size is filled in to there and no further. The status is at its place in
 * the largest that can hold it. */
static int is_filled_to(size_t size)
{
    pyshim_build build = pyshim_this_build();
    pyshim_report report, before;
    const char *bytes = (const char *)&report;
    build.pointer_size++;
    memset(&report, 0x5A, sizeof(report));
    report.size = (uint32_t)size;
    before = report;
    if (pyshim_load(&build, &report) == 0 || PyErr_Occurred() != NULL
        || memcmp(bytes + size, (const char *)&before + size, sizeof(report) - size) != 0) {
        return 0;
    }
    return (size < offsetof(pyshim_report, found) || report.status == PYSHIM_LOAD_POINTER)
           && (size < offsetof(pyshim_report, expected) || report.found == sizeof(void *) + 1)
           && (size < offsetof(pyshim_report, subject) || report.expected == sizeof(void *))
           && (size < offsetof(pyshim_report, reserved) || report.subject == NULL)
           && report.reserved == before.reserved;
}

/* The sizes of a report that are not kept to. */
static PyObject *report_sizes(PyObject *self, PyObject *unused)
{
    PyObject *list = PyList_New(0);
    size_t size;
    (void)self;
    (void)unused;
    for (size = 0; list != NULL && size <= sizeof(pyshim_report); size++) {
        PyObject *number = is_filled_to(size) ? Py_None : PyLong_FromSize_t(size);
        if (number == NULL || (number != Py_None && PyList_Append(list, number) < 0)) {
            Py_CLEAR(list);
        }
        if (number != Py_None) {
            Py_XDECREF(number);
        }
    }
    return list;
}

static PyMethodDef methods[] = {
    {"report_sizes", report_sizes, METH_NOARGS, NULL},
    {"problems", problems, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    {PYSHIM_MOD_GIL_SLOT, PYSHIM_MOD_GIL_VALUE(PYSHIM_MOD_GIL_SECTIONS)},
    {0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "wrong_build", NULL, 0, methods, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_wrong_build(void)
{
    return pyshim_module_init(&definition);
}
