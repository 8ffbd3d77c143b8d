/* SPDX-License-Identifier: 0BSD */
/* The end of an interpreter. */
#ifndef PYSHIM_CORE_ENDING_H
#define PYSHIM_CORE_ENDING_H

#include "registry.h"

/* Lets nobody in any more, and takes back what nobody opened. Returns how many views are open, whose
 * memory stays for good. Attached; a second time it does nothing. */
static size_t pyshim_core_home_end(pyshim_core_home *home);

/* Waits for those who are in an interpreter that has ended. In atexit only: later CPython stops those
 * who attach, and one that is in might never come out. */
static void pyshim_core_home_wait(pyshim_core_home *home);

/* Takes back the views of an interpreter that nobody opened; how many are open. */
static size_t pyshim_core_views_end(pyshim_core_home *home);

/* Whether the process ends. */
static int pyshim_core_is_finalizing(void);

#endif
