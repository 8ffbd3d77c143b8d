/* Plays the interpreter for the lock-free parts of the C core: objects with a reference count whose
 * memory really goes away when they die. */
#ifndef RACE_HOST_H
#define RACE_HOST_H

#include "core.h"
#include "no_python.h"

#include <stdint.h> /* uint64_t */

/* Where an object's memory comes from and goes to. */
typedef enum race_memory {
    RACE_MALLOC,   /* AddressSanitizer keeps it poisoned for a while */
    RACE_PAGE,     /* unmapped at once, so that any access is a fault */
    RACE_FREELIST, /* made anew at the same address as soon as can be */
    RACE_MEMORIES
} race_memory;

/* A new object, with one reference, whose fields say `number`. */
PyObject *race_new(race_memory memory, uint64_t number);

/* Ends the program unless the object is alive and its fields agree with each other. */
void race_check(PyObject *op);

/* References to the object, when no other thread changes them. */
long race_count(PyObject *op);

/* Objects that are alive. */
long race_alive(void);

/* Ends the program. */
void race_fail(const char *what);

/* A pseudorandom number; `state` is the caller's and not 0. */
uint64_t race_random(uint64_t *state);

#endif
