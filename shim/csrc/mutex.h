/* SPDX-License-Identifier: 0BSD */
/* The mutex as direct mode calls it, where its own functions are inline. */
#ifndef PYSHIM_CORE_MUTEX_H
#define PYSHIM_CORE_MUTEX_H

#include "core.h" /* pyshim_mutex, PYSHIM_HIDDEN */

PYSHIM_HIDDEN void pyshim_core_mutex_lock(pyshim_mutex *mutex);
PYSHIM_HIDDEN int pyshim_core_mutex_try_lock(pyshim_mutex *mutex);
PYSHIM_HIDDEN void pyshim_core_mutex_unlock(pyshim_mutex *mutex);
PYSHIM_HIDDEN int pyshim_core_mutex_is_locked(pyshim_mutex *mutex);

#endif
