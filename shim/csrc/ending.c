/* SPDX-License-Identifier: 0BSD */
/* What is done when an interpreter ends. */

#include "ending.h"

static size_t pyshim_core_home_end(pyshim_core_home *home)
{
    size_t open = pyshim_core_views_end(home);
    PyObject *type = home->view_type; /* nobody sets or takes it once it has ended */
    home->view_type = NULL;
    Py_DecRef(type);
    return open;
}

static void pyshim_core_home_wait(pyshim_core_home *home)
{
    /* Whoever is in when the process ends may have been stopped there, and would be waited for in
     * vain. */
    if (pyshim_core_home_has_guards(home) && !pyshim_core_is_finalizing()) {
        PyThreadState *state = PyEval_SaveThread();
        pyshim_core_home_drain(home);
        PyEval_RestoreThread(state);
    }
}
