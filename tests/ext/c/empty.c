/* SPDX-License-Identifier: 0BSD */
/* A module with a slot that has nothing in it, as a function that was left out by the preprocessor. The name is
 * given to the compiler, as build systems do. */

#include "pyshim.h"

static const pyshim_module_slot slots[] = {
    EMPTY_SLOT(NULL),
    PYSHIM_SLOT_END,
};

#define MODULE(name) PYSHIM_MODULE(name, slots)
MODULE(EMPTY_NAME);
