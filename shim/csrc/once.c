/* SPDX-License-Identifier: 0BSD */
/* Initialisation that happens once. Who initialises has the lock of a mutex meanwhile, for which the
 * others wait as one waits for a mutex: detached, and without spinning. */

#include "once_done.h"

static int pyshim_core_once_begin(const uint8_t *done, uint8_t *lock, uintptr_t *owner)
{
    uintptr_t self;
    if (pyshim_core_once_done(done)) {
        return 0;
    }
    self = (uintptr_t)PyThread_get_thread_ident();
    if (pyshim_atomic_load_word(owner, PYSHIM_ORDER_ONCE_OWNER_GET) == self) {
        return pyshim_core_once_refuse();
    }
    pyshim_core_byte_lock(lock);
    if (pyshim_core_once_done(done)) {
        pyshim_core_byte_unlock(lock);
        return 0;
    }
    pyshim_atomic_store_word(owner, self, PYSHIM_ORDER_ONCE_OWNER_SET);
    return 1;
}

static void pyshim_core_once_end(uint8_t *done, uint8_t *lock, uintptr_t *owner, int succeeded)
{
    if (succeeded) {
        pyshim_core_once_set_done(done);
    }
    pyshim_atomic_store_word(owner, 0, PYSHIM_ORDER_ONCE_OWNER_SET);
    pyshim_core_byte_unlock(lock);
}

int pyshim_once_begin(pyshim_once *once)
{
    return pyshim_core_once_begin(&once->done, &once->lock, &once->owner);
}

void pyshim_once_end(pyshim_once *once, int succeeded)
{
    pyshim_core_once_end(&once->done, &once->lock, &once->owner, succeeded);
}

int pyshim_once_is_done(pyshim_once *once)
{
    return pyshim_core_once_done(&once->done);
}

int pyshim_once_object_begin(pyshim_once_object *once)
{
    return pyshim_core_once_begin(&once->done, &once->lock, &once->owner);
}

void pyshim_once_object_end(pyshim_once_object *once, PyObject *value)
{
    once->value = value; /* nobody reads it before it is done */
    pyshim_core_once_end(&once->done, &once->lock, &once->owner, value != NULL);
}

PyObject *pyshim_once_object_get(pyshim_once_object *once)
{
    return pyshim_core_once_done(&once->done) ? once->value : NULL;
}

void pyshim_once_object_clear(pyshim_once_object *once)
{
    PyObject *value = once->value;
    once->value = NULL;
    once->done = 0; /* no other thread is here */
    Py_DecRef(value);
}
