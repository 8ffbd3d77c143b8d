/* SPDX-License-Identifier: 0BSD */
/* What the C core and direct mode need for sections over mutexes on 3.13t. */
#ifndef PYSHIM_CORE_SECTION_MUTEX_H
#define PYSHIM_CORE_SECTION_MUTEX_H

#include "core.h" /* pyshim_mutex, PYSHIM_HIDDEN */

/* What would be the object, if the mutex were an object's; for PyCriticalSection_Begin of 3.13t
 * only. */
PYSHIM_HIDDEN PyObject *pyshim_core_section_object(pyshim_mutex *mutex);

#endif
