/* SPDX-License-Identifier: 0BSD */
/* Whether stack references are checked in this process. */

#include "stack_ref.h"
#include "atomics.h"
#include "orders.h"

#include <stdlib.h> /* getenv */
#include <string.h> /* strcmp */

static pyshim_core_stack_mode pyshim_core_stack_read_mode(void)
{
    const char *text = getenv("PYSHIM_STACK_REF_CHECKS");
    if (text == NULL || text[0] == '\0' || strcmp(text, "0") == 0) {
        return PYSHIM_STACK_OFF;
    }
    return strcmp(text, "warn") == 0 ? PYSHIM_STACK_WARN : PYSHIM_STACK_FATAL;
}

/* A reference is a handle or an address for all of its life, so what the first thread reads holds
 * for all others, whatever becomes of the environment. */
static pyshim_core_stack_mode pyshim_core_stack_checks(void)
{
    static uintptr_t mode;
    uintptr_t found = pyshim_atomic_load_word(&mode, PYSHIM_ORDER_STACK_MODE_READ);
    if (found == PYSHIM_STACK_UNKNOWN) {
        uintptr_t fresh = (uintptr_t)pyshim_core_stack_read_mode();
        if (pyshim_atomic_compare_exchange_word(&mode, &found, fresh,
                                                PYSHIM_ORDER_STACK_MODE_SET,
                                                PYSHIM_ORDER_STACK_MODE_LOST)) {
            found = fresh;
        }
    }
    return (pyshim_core_stack_mode)found;
}

int pyshim_stack_ref_checking(void)
{
    return pyshim_core_stack_checks() != PYSHIM_STACK_OFF;
}
