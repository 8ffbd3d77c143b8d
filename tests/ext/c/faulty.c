/* SPDX-License-Identifier: 0BSD */
/* A module whose list of slots has a mistake. The slots and the name are given to the compiler, the latter as
 * build systems do. */

#include "pyshim.h"

static const pyshim_module_slot slots[] = {
    FAULTY_SLOTS,
    PYSHIM_SLOT_END,
};

#define MODULE(name) PYSHIM_MODULE(name, slots)
MODULE(FAULTY_NAME);
