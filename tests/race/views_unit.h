/* Views and guards of interpreters, in the translation unit that includes this, and interpreters to go
 * with them: each with a GIL and objects whose counts are plain numbers, so that a sanitizer sees who
 * touches them without. The memory of one that has ended is freed, so that it sees who enters it. */
#ifndef RACE_VIEWS_UNIT_H
#define RACE_VIEWS_UNIT_H

#include "host.h"

#include <pthread.h> /* pthread_mutex_t */
#include <stdlib.h>  /* calloc, free */
#include <string.h>  /* memset */

struct _is {
    pthread_mutex_t gil;
    long states; /* thread states, attached or not; changed under the GIL or before it is known */
    pthread_mutex_t states_lock;
};

struct _ts {
    PyInterpreterState *interpreter;
};

/* What is attached. */
static __thread PyThreadState *race_state;
/* What is known of the interpreter that a thread is at home in. */
static __thread struct pyshim_core_home *race_home;

/* An object with memory. */
typedef struct race_exporter {
    PyInterpreterState *interpreter;
    long count;
    unsigned char *memory;
} race_exporter;

#define RACE_BYTES 64

/* Exporters whose memory is there; in the end, those that are pinned. */
static long race_exporters;

/* Which is what they are for. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:race_exporter_new\n";
}

static PyInterpreterState *race_interpreter_new(void)
{
    PyInterpreterState *interpreter = (PyInterpreterState *)calloc(1, sizeof(*interpreter));
    if (interpreter == NULL) {
        race_fail("no memory");
    }
    pthread_mutex_init(&interpreter->gil, NULL);
    pthread_mutex_init(&interpreter->states_lock, NULL);
    return interpreter;
}

PyThreadState *PyThreadState_New(PyInterpreterState *interpreter)
{
    PyThreadState *state = (PyThreadState *)calloc(1, sizeof(*state));
    if (state == NULL) {
        race_fail("no memory");
    }
    state->interpreter = interpreter;
    pthread_mutex_lock(&interpreter->states_lock);
    interpreter->states++;
    pthread_mutex_unlock(&interpreter->states_lock);
    return state;
}

void PyThreadState_Clear(PyThreadState *state)
{
    if (state != race_state) {
        race_fail("a state is cleared that is not attached");
    }
}

void PyThreadState_Delete(PyThreadState *state)
{
    pthread_mutex_lock(&state->interpreter->states_lock);
    state->interpreter->states--;
    pthread_mutex_unlock(&state->interpreter->states_lock);
    free(state);
}

PyThreadState *PyEval_SaveThread(void)
{
    PyThreadState *state = race_state;
    race_state = NULL;
    pthread_mutex_unlock(&state->interpreter->gil);
    return state;
}

void PyEval_RestoreThread(PyThreadState *state)
{
    pthread_mutex_lock(&state->interpreter->gil);
    race_state = state;
}

static void race_exporter_drop(race_exporter *exporter)
{
    if (race_state == NULL || race_state->interpreter != exporter->interpreter) {
        race_fail("an object is touched from elsewhere");
    }
    if (--exporter->count == 0) {
        __atomic_fetch_sub(&race_exporters, 1, __ATOMIC_RELAXED);
        free(exporter->memory);
        free(exporter);
    }
}

/* With one reference, in the interpreter that is attached. */
static race_exporter *race_exporter_new(unsigned char what)
{
    race_exporter *exporter = (race_exporter *)calloc(1, sizeof(*exporter));
    unsigned char *memory = (unsigned char *)malloc(RACE_BYTES);
    if (exporter == NULL || memory == NULL) {
        race_fail("no memory");
    }
    memset(memory, what, RACE_BYTES);
    __atomic_fetch_add(&race_exporters, 1, __ATOMIC_RELAXED);
    exporter->interpreter = race_state->interpreter;
    exporter->count = 1;
    exporter->memory = memory;
    return exporter;
}

#include "atomics.h"
#include "orders.h"
#include "parking.c"
#include "registry.c"
#include "view_table.h"

static int race_get(PyObject *object, void *to, int flags)
{
    race_exporter *exporter = (race_exporter *)(void *)object;
    pyshim_core_buffer *buffer = (pyshim_core_buffer *)to;
    static char format[] = "B";
    (void)flags;
    exporter->count++;
    memset(buffer, 0, sizeof(*buffer));
    buffer->buf = exporter->memory;
    buffer->obj = object;
    buffer->len = RACE_BYTES;
    buffer->itemsize = 1;
    buffer->ndim = 1;
    buffer->format = format;
    buffer->shape = &buffer->len; /* into itself, as PyBuffer_FillInfo does it */
    buffer->strides = &buffer->itemsize;
    return 0;
}

static void race_release(void *of)
{
    pyshim_core_buffer *buffer = (pyshim_core_buffer *)of;
    if (buffer->shape != &buffer->len) {
        race_fail("a buffer was moved");
    }
    race_exporter_drop((race_exporter *)(void *)buffer->obj);
}

static const pyshim_core_loaded race_loaded = {
    .natives = {.pyobject_getbuffer = race_get, .pybuffer_release = race_release}};

static const pyshim_core_loaded *pyshim_core_get(void)
{
    return &race_loaded;
}

static int pyshim_core_pybuf_full_ro_id(unsigned version, unsigned build)
{
    (void)version;
    (void)build;
    return 0;
}

static void pyshim_core_home_forget_peer(void *peer)
{
    (void)peer;
}

static int pyshim_core_has_guards(void)
{
    return 0;
}

static int pyshim_core_is_finalizing(void)
{
    return 0;
}

static pyshim_core_home *pyshim_core_home_here(const char *function)
{
    (void)function;
    return race_home;
}

static void pyshim_core_raise_ending(void)
{
    race_fail("it ends already");
}

static void pyshim_core_raise_not_exported(const char *name)
{
    race_fail(name);
}

static PyInterpreterState *pyshim_core_interpreter(void)
{
    return race_state->interpreter;
}

static PyThreadState *pyshim_core_detach(void)
{
    return race_state != NULL ? PyEval_SaveThread() : NULL;
}

static void pyshim_core_attach(PyThreadState *state)
{
    if (state != NULL) {
        PyEval_RestoreThread(state);
    }
}

/* Tokens are their own ints. */
PyObject *PyLong_FromUnsignedLongLong(unsigned long long number)
{
    return (PyObject *)(uintptr_t)number;
}

unsigned long long PyLong_AsUnsignedLongLong(PyObject *number)
{
    return (unsigned long long)(uintptr_t)number;
}

PyObject *PyExc_ValueError;

PyObject *PyErr_Occurred(void)
{
    return NULL;
}

PyObject *PyErr_NoMemory(void)
{
    race_fail("no memory");
    return NULL;
}

PyObject *PyErr_Format(PyObject *type, const char *format, ...)
{
    (void)type;
    race_fail(format);
    return NULL;
}

/* Nothing is raised here, so nothing is pending. */
typedef int pyshim_core_pending;

static void pyshim_core_set_aside(pyshim_core_pending *earlier)
{
    (void)earlier;
}

static int pyshim_core_settle(pyshim_core_pending *earlier)
{
    (void)earlier;
    return 0;
}

#include "interpreter_guard.c"
#include "view_table.c"
#include "view.c"
#include "ending.c"

#endif
