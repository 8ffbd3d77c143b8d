/* The objects. */

#include "host.h"

#include <pthread.h>  /* pthread_mutex_t */
#include <sched.h>    /* sched_yield */
#include <stdio.h>    /* fprintf */
#include <stdlib.h>   /* malloc, free, abort */
#include <sys/mman.h> /* mmap, munmap */
#include <unistd.h>   /* sysconf */

typedef struct race_object {
    long count;
    race_memory memory;
    uint64_t number;  /* written before others know the object, like all fields of an object */
    uint64_t inverse; /* ~number */
    struct race_object *next_free;
} race_object;

static long alive;
static pthread_mutex_t freelist_mutex = PTHREAD_MUTEX_INITIALIZER;
static race_object *freelist;

void race_fail(const char *what)
{
    fprintf(stderr, "race: %s\n", what);
    abort();
}

/* What only an object that has died can show. With RACE_BLIND the sanitizer is left to find it. */
static void suspect(const char *what)
{
#ifndef RACE_BLIND
    race_fail(what);
#else
    (void)what;
#endif
}

uint64_t race_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* A thread can be stopped anywhere; stopping it where it is about to touch an object finds more. */
static void stop_sometimes(void)
{
    static __thread unsigned calls;
    if ((++calls & 15) == 0) {
        sched_yield();
    }
}

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static race_object *take_free(void)
{
    race_object *object;
    pthread_mutex_lock(&freelist_mutex);
    object = freelist;
    if (object != NULL) {
        freelist = object->next_free;
    }
    pthread_mutex_unlock(&freelist_mutex);
    return object != NULL ? object : (race_object *)malloc(sizeof(race_object));
}

static void put_free(race_object *object)
{
    pthread_mutex_lock(&freelist_mutex);
    object->next_free = freelist;
    freelist = object;
    pthread_mutex_unlock(&freelist_mutex);
}

PyObject *race_new(race_memory memory, uint64_t number)
{
    race_object *object;
    if (memory == RACE_PAGE) {
        void *page = mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                          -1, 0);
        object = page != MAP_FAILED ? (race_object *)page : NULL;
    } else if (memory == RACE_FREELIST) {
        object = take_free();
    } else {
        object = (race_object *)malloc(sizeof(*object));
    }
    if (object == NULL) {
        race_fail("no memory");
    }
    object->count = 1;
    object->memory = memory;
    object->number = number;
    object->inverse = ~number;
    __atomic_fetch_add(&alive, 1, __ATOMIC_RELAXED);
    return (PyObject *)object;
}

static void die(race_object *object)
{
    object->inverse = object->number; /* no object that is alive looks so */
    __atomic_fetch_sub(&alive, 1, __ATOMIC_RELAXED);
    switch (object->memory) {
    case RACE_PAGE:
        munmap(object, page_size());
        break;
    case RACE_FREELIST:
        put_free(object);
        break;
    default:
        free(object);
    }
}

void Py_IncRef(PyObject *op)
{
    race_object *object = (race_object *)op;
    if (object != NULL) {
        stop_sometimes();
        if (__atomic_fetch_add(&object->count, 1, __ATOMIC_RELAXED) < 1) {
            suspect("a reference was taken to a dead object");
        }
    }
}

void Py_DecRef(PyObject *op)
{
    race_object *object = (race_object *)op;
    if (object != NULL) {
        long before = __atomic_fetch_sub(&object->count, 1, __ATOMIC_ACQ_REL);
        if (before < 1) {
            suspect("a reference to a dead object was dropped");
        }
        if (before == 1) {
            die(object);
        }
    }
}

void race_check(PyObject *op)
{
    race_object *object = (race_object *)op;
    if (object->number != ~object->inverse) {
        suspect("a dead object was read");
    }
}

long race_count(PyObject *op)
{
    return __atomic_load_n(&((race_object *)op)->count, __ATOMIC_RELAXED);
}

long race_alive(void)
{
    return __atomic_load_n(&alive, __ATOMIC_RELAXED);
}
