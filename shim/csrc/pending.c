/* SPDX-License-Identifier: 0BSD */
/* Exceptions that were set before somebody called. A function that raises makes the earlier one the
 * context of its own, and any other leaves it as it was. */

typedef struct pyshim_core_pending {
    PyObject *type, *value, *traceback;
} pyshim_core_pending;

static void pyshim_core_set_aside(pyshim_core_pending *earlier)
{
    PyErr_Fetch(&earlier->type, &earlier->value, &earlier->traceback);
}

/* 0 with the earlier exception in place again, or -1 with the new one, whose context is the earlier
 * one. */
static int pyshim_core_settle(pyshim_core_pending *earlier)
{
    PyObject *type, *value, *traceback;
    if (PyErr_Occurred() == NULL) {
        PyErr_Restore(earlier->type, earlier->value, earlier->traceback);
        return 0;
    }
    if (earlier->type == NULL) {
        return -1;
    }
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    PyErr_NormalizeException(&earlier->type, &earlier->value, &earlier->traceback);
    if (earlier->traceback != NULL) {
        /* Before 3.12 an exception that is raised has it beside itself. */
        PyException_SetTraceback(earlier->value, earlier->traceback);
    }
    if (earlier->value != value) { /* which is not its own context when it is raised once more */
        Py_IncRef(earlier->value);
        PyException_SetContext(value, earlier->value); /* takes over the reference */
    }
    Py_DecRef(earlier->type);
    Py_DecRef(earlier->value);
    Py_DecRef(earlier->traceback);
    PyErr_Restore(type, value, traceback);
    return -1;
}
