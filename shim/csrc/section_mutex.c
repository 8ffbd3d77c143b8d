/* SPDX-License-Identifier: 0BSD */
/* Critical sections over mutexes, where the running CPython has no function for them, or nothing to
 * lock.
 *
 * 3.13t has sections over objects, which lock the byte that an object has for this, and nothing else
 * of the object is touched. So there a mutex passes for an object that has its byte in that place. */

#include "section_mutex.h"

PyObject *pyshim_core_section_object(pyshim_mutex *mutex)
{
    return (PyObject *)((uintptr_t)&mutex->bits - PYSHIM_UPSTREAM_FT_PyObject_ob_mutex);
}

void pyshim_core_critical_section_begin_mutex_ft(pyshim_critical_section *cs, pyshim_mutex *mutex)
{
    pyshim_core_get()->natives.pycriticalsection_begin(cs, pyshim_core_section_object(mutex));
}

void pyshim_core_critical_section2_begin_mutex_ft(pyshim_critical_section2 *cs, pyshim_mutex *a,
                                                  pyshim_mutex *b)
{
    pyshim_core_get()->natives.pycriticalsection2_begin(cs, pyshim_core_section_object(a),
                                                        pyshim_core_section_object(b));
}

void pyshim_core_critical_section_begin_mutex_no_op(pyshim_critical_section *cs,
                                                    pyshim_mutex *mutex)
{
    (void)cs;
    (void)mutex;
}

void pyshim_core_critical_section2_begin_mutex_no_op(pyshim_critical_section2 *cs, pyshim_mutex *a,
                                                     pyshim_mutex *b)
{
    (void)cs;
    (void)a;
    (void)b;
}
