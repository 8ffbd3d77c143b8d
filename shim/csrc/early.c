/* SPDX-License-Identifier: 0BSD */
/* CPython's functions for what works before anything is initialised: without a thread state, and
 * before Python is. Every thread that asks gets the same answer, so whoever is second writes what is
 * there already. */

#include <string.h> /* strcmp */

/* A word that says where a function is, once somebody has asked. */
#define PYSHIM_EARLY_UNKNOWN ((uintptr_t)0)
#define PYSHIM_EARLY_NONE ((uintptr_t)1)

/* PY_VERSION_HEX >> 16 as CPython exports it; 0 before 3.11, which exports none. */
static unsigned pyshim_core_early_version(void)
{
    const unsigned long *exported = (const unsigned long *)pyshim_core_find("Py_Version");
    return exported != NULL ? (unsigned)(*exported >> 16) : 0;
}

/* The address of a function that both builds export, on versions where it was observed. */
static uintptr_t pyshim_core_early_find(const char *name)
{
    unsigned version = pyshim_core_early_version();
    size_t i;
    for (i = 0; i < sizeof(pyshim_core_symbols) / sizeof(pyshim_core_symbols[0]); i++) {
        const pyshim_core_symbol *row = &pyshim_core_symbols[i];
        if (strcmp(pyshim_core_symbol_names[row->symbol], name) == 0) {
            uintptr_t found = (uintptr_t)pyshim_core_find(name);
            int observed = version >= row->since && version < row->until;
            return observed && found != 0 ? found : PYSHIM_EARLY_NONE;
        }
    }
    return PYSHIM_EARLY_NONE;
}
