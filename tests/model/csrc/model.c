/* The lock-free parts of the C core in one translation unit, for the model checker. */

#include <stdlib.h> /* before calloc and free get other names */

#include "core.h"
#include "no_python.h"

/* Blocks come from a pool whose atomics exist before the threads do. */
void *pyshim_model_calloc(size_t count, size_t size);
void pyshim_model_free(void *block);
#define calloc pyshim_model_calloc
#define free pyshim_model_free

static const pyshim_core_loaded *pyshim_core_get(void)
{
    return NULL;
}

#include "atomics.h"
#include "orders.h"
#include "publish.h"
#include "thread_id.h"
#include "hazard.c"
#include "atomic_ref.c"
#include "try_incref.c"
#include "mutex_byte.h"
#include "once_done.h"

static const pyshim_table pyshim_core_stubs = {0};
PYSHIM_PUBLIC const pyshim_table *pyshim_table_current = &pyshim_core_stubs;

/* Where things are, for the registry of addresses. */

uintptr_t pyshim_model_first_block(void)
{
    return (uintptr_t)&pyshim_core_hazard_first;
}

size_t pyshim_model_block_size(void)
{
    return sizeof(pyshim_core_hazard_block);
}

uintptr_t pyshim_model_block_used(uintptr_t block)
{
    return block + offsetof(pyshim_core_hazard_block, used);
}

uintptr_t pyshim_model_block_next(uintptr_t block)
{
    return block + offsetof(pyshim_core_hazard_block, next);
}

size_t pyshim_model_slot_count(void)
{
    return PYSHIM_HAZARD_SLOTS;
}

uintptr_t pyshim_model_block_slot(uintptr_t block, size_t i)
{
    return block + offsetof(pyshim_core_hazard_block, slots)
           + i * sizeof(pyshim_core_hazard_slot);
}

size_t pyshim_model_home(uintptr_t thread_id)
{
    return pyshim_core_hazard_home(thread_id);
}

uintptr_t pyshim_model_ob_tid(PyObject *op)
{
    return (uintptr_t)pyshim_core_ob_tid(op);
}

uintptr_t pyshim_model_ob_ref_local(PyObject *op)
{
    return (uintptr_t)pyshim_core_ob_ref_local(op);
}

uintptr_t pyshim_model_ob_ref_shared(PyObject *op)
{
    return (uintptr_t)pyshim_core_ob_ref_shared(op);
}

uintptr_t pyshim_model_table_place(void)
{
    return (uintptr_t)&pyshim_table_current;
}

uintptr_t pyshim_model_stubs(void)
{
    return (uintptr_t)&pyshim_core_stubs;
}

/* Functions that are inline in the core. */

uintptr_t pyshim_model_publish(uintptr_t table)
{
    return (uintptr_t)pyshim_core_publish((const pyshim_table *)table);
}

uintptr_t pyshim_model_slots_current(uintptr_t place)
{
    return (uintptr_t)pyshim_core_slots_current((void *const *)place);
}

uintptr_t pyshim_model_slots_publish(uintptr_t place, uintptr_t found, uintptr_t fresh)
{
    return (uintptr_t)pyshim_core_slots_publish((void **)place, (void *)found, (void *)fresh);
}

int pyshim_model_mutex_try(uintptr_t byte)
{
    return pyshim_core_mutex_try((uint8_t *)byte);
}

/* 0 when somebody waits, or nobody has it. */
int pyshim_model_mutex_leave(uintptr_t byte)
{
    uint8_t found = PYSHIM_MUTEX_BITS_LOCKED;
    return pyshim_core_mutex_leave((uint8_t *)byte, &found, 0);
}

int pyshim_model_once_done(uintptr_t done)
{
    return pyshim_core_once_done((const uint8_t *)done);
}

void pyshim_model_once_set_done(uintptr_t done)
{
    pyshim_core_once_set_done((uint8_t *)done);
}
