/* SPDX-License-Identifier: 0BSD */
/* Providers of the critical-section slots: nothing where there is nothing to lock, and begins that
 * notice a failure where nobody has observed that there can be none. */

void pyshim_core_critical_section_begin_no_op(pyshim_critical_section *cs, PyObject *op)
{
    (void)cs;
    (void)op;
}

void pyshim_core_critical_section_end_no_op(pyshim_critical_section *cs)
{
    (void)cs;
}

void pyshim_core_critical_section2_begin_no_op(pyshim_critical_section2 *cs, PyObject *a,
                                               PyObject *b)
{
    (void)cs;
    (void)a;
    (void)b;
}

void pyshim_core_critical_section2_end_no_op(pyshim_critical_section2 *cs)
{
    (void)cs;
}

int pyshim_core_critical_section_begin_checked_no_op(pyshim_critical_section *cs, PyObject *op)
{
    (void)cs;
    (void)op;
    return 0;
}

int pyshim_core_critical_section2_begin_checked_no_op(pyshim_critical_section2 *cs, PyObject *a,
                                                      PyObject *b)
{
    (void)cs;
    (void)a;
    (void)b;
    return 0;
}

int pyshim_core_critical_section_begin_infallible(pyshim_critical_section *cs, PyObject *op)
{
    pyshim_core_get()->natives.pycriticalsection_begin(cs, op);
    return 0;
}

int pyshim_core_critical_section2_begin_infallible(pyshim_critical_section2 *cs, PyObject *a,
                                                   PyObject *b)
{
    pyshim_core_get()->natives.pycriticalsection2_begin(cs, a, b);
    return 0;
}

int pyshim_core_critical_section_begin_checked(pyshim_critical_section *cs, PyObject *op)
{
    pyshim_core_pending earlier;
    pyshim_core_set_aside(&earlier);
    pyshim_core_get()->natives.pycriticalsection_begin(cs, op);
    return pyshim_core_settle(&earlier);
}

int pyshim_core_critical_section2_begin_checked(pyshim_critical_section2 *cs, PyObject *a,
                                                PyObject *b)
{
    pyshim_core_pending earlier;
    pyshim_core_set_aside(&earlier);
    pyshim_core_get()->natives.pycriticalsection2_begin(cs, a, b);
    return pyshim_core_settle(&earlier);
}

void pyshim_core_critical_section_begin_or_abort(pyshim_critical_section *cs, PyObject *op)
{
    if (pyshim_core_critical_section_begin_checked(cs, op) < 0) {
        Py_FatalError("pyshim_critical_section_begin: the running CPython could not begin the "
                      "section; pyshim_critical_section_begin_checked reports this");
    }
}

void pyshim_core_critical_section2_begin_or_abort(pyshim_critical_section2 *cs, PyObject *a,
                                                  PyObject *b)
{
    if (pyshim_core_critical_section2_begin_checked(cs, a, b) < 0) {
        Py_FatalError("pyshim_critical_section2_begin: the running CPython could not begin the "
                      "section; pyshim_critical_section2_begin_checked reports this");
    }
}

int pyshim_critical_section_status(void)
{
    const pyshim_core_loaded *loaded = pyshim_core_get();
    return loaded != NULL ? loaded->facts.sections : PYSHIM_SECTIONS_UNKNOWN;
}
