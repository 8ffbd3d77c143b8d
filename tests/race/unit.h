/* The lock-free parts of the C core and what they lean on, in the translation unit that includes
 * this. */
#ifndef RACE_UNIT_H
#define RACE_UNIT_H

#include "host.h"

static pyshim_core_loaded race_loaded;

static const pyshim_core_loaded *pyshim_core_get(void)
{
    return &race_loaded;
}

#include "atomic_ref.c"
#include "hazard.c"
#include "publish.h"
#include "try_incref.c"

static const pyshim_table pyshim_core_stubs = {0};
PYSHIM_PUBLIC const pyshim_table *pyshim_table_current = &pyshim_core_stubs;

#endif
