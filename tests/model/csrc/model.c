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

/* No CPython is there, so the lock is our own, and nothing is attached. */
#define PYSHIM_EARLY_UNKNOWN ((uintptr_t)0)
#define PYSHIM_EARLY_NONE ((uintptr_t)1)

static uintptr_t pyshim_core_early_find(const char *name)
{
    (void)name;
    return PYSHIM_EARLY_NONE;
}

static PyThreadState *pyshim_core_detach(void)
{
    return NULL;
}

static void pyshim_core_attach(PyThreadState *state)
{
    (void)state;
}

static int pyshim_core_once_refuse(void)
{
    return -1;
}

/* The queues are the model's, under a lock of the model checker's. */
#include "parking.h"

void pyshim_model_bucket_lock(void);
void pyshim_model_bucket_unlock(void);
void pyshim_model_bucket_wait(uintptr_t place, uintptr_t waiter);
uintptr_t pyshim_model_bucket_take(uintptr_t place, int *more);
void pyshim_model_bucket_wake(uintptr_t waiter);

static pyshim_core_bucket *pyshim_core_bucket_lock(const uint8_t *place)
{
    (void)place;
    pyshim_model_bucket_lock();
    return NULL;
}

static void pyshim_core_bucket_unlock(pyshim_core_bucket *bucket)
{
    (void)bucket;
    pyshim_model_bucket_unlock();
}

static void pyshim_core_bucket_wait(pyshim_core_bucket *bucket, pyshim_core_waiter *waiter)
{
    (void)bucket;
    pyshim_model_bucket_wait((uintptr_t)waiter->place, (uintptr_t)waiter);
}

static pyshim_core_waiter *pyshim_core_bucket_take(pyshim_core_bucket *bucket,
                                                   const uint8_t *place, int *more)
{
    (void)bucket;
    return (pyshim_core_waiter *)pyshim_model_bucket_take((uintptr_t)place, more);
}

static void pyshim_core_bucket_wake(pyshim_core_waiter *waiter)
{
    pyshim_model_bucket_wake((uintptr_t)waiter);
}

#include "mutex.c"
#include "once.c"

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

/* The words that say whose lock it is, and what they say once that is known. */

uintptr_t pyshim_model_slow_word(int unlock)
{
    return (uintptr_t)(unlock ? &pyshim_core_mutex_unlock_slow : &pyshim_core_mutex_lock_slow);
}

uintptr_t pyshim_model_slow_function(int unlock)
{
    return (uintptr_t)(unlock ? &pyshim_core_mutex_unlock_own : &pyshim_core_mutex_lock_own);
}

void pyshim_model_mutex_lock(uintptr_t byte)
{
    pyshim_core_byte_lock((uint8_t *)byte);
}

void pyshim_model_mutex_unlock(uintptr_t byte)
{
    pyshim_core_byte_unlock((uint8_t *)byte);
}

uintptr_t pyshim_model_once_done_of(uintptr_t once)
{
    return (uintptr_t)&((pyshim_once *)once)->done;
}

uintptr_t pyshim_model_once_lock_of(uintptr_t once)
{
    return (uintptr_t)&((pyshim_once *)once)->lock;
}

uintptr_t pyshim_model_once_owner_of(uintptr_t once)
{
    return (uintptr_t)&((pyshim_once *)once)->owner;
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
