/* Critical sections: CPython's, and what a future one may make of them. */
#include "standin.h"

enum { INACTIVE = 1, TWO_MUTEXES = 2, TAGS = 3 };

static PyCriticalSection *untag(uintptr_t tagged)
{
    return (PyCriticalSection *)(tagged & ~(uintptr_t)TAGS);
}
static PyCriticalSection2 *untag2(uintptr_t tagged)
{
    return (PyCriticalSection2 *)untag(tagged);
}

/* Detaching lets go of every section of the thread; attaching takes the innermost again. */
void standin_sections_suspend(PyThreadState *tstate)
{
    uintptr_t *tagged = &tstate->critical_section;
    while (*tagged != 0 && !(*tagged & INACTIVE)) {
        PyCriticalSection *c = untag(*tagged);
        if (c->cs_mutex != NULL) {
            standin_mutex_unlock(c->cs_mutex);
        }
        if ((*tagged & TWO_MUTEXES) && untag2(*tagged)->cs_mutex2 != NULL) {
            standin_mutex_unlock(untag2(*tagged)->cs_mutex2);
        }
        *tagged |= INACTIVE;
        tagged = &c->cs_prev;
    }
}

/* The fields are empty while it waits, for waiting suspends again. */
void standin_sections_resume(PyThreadState *tstate)
{
    uintptr_t tagged = tstate->critical_section;
    PyCriticalSection *c = untag(tagged);
    PyCriticalSection2 *c2 = (tagged & TWO_MUTEXES) ? untag2(tagged) : NULL;
    uint8_t *first = c->cs_mutex, *second = c2 != NULL ? c2->cs_mutex2 : NULL;
    c->cs_mutex = NULL;
    if (c2 != NULL) {
        c2->cs_mutex2 = NULL;
    }
    if (first != NULL) {
        standin_mutex_lock(first);
    }
    if (second != NULL) {
        standin_mutex_lock(second);
    }
    c->cs_mutex = first;
    if (c2 != NULL) {
        c2->cs_mutex2 = second;
    }
    tstate->critical_section &= ~(uintptr_t)INACTIVE;
}

/* Since 3.14 a mutex that the innermost section holds is not taken twice. */
static bool innermost_holds(PyThreadState *tstate, uint8_t *m)
{
    uintptr_t tagged = tstate->critical_section;
    if (standin.minor < 14 || tagged == 0) {
        return false;
    }
    return untag(tagged)->cs_mutex == m ||
           ((tagged & TWO_MUTEXES) && untag2(tagged)->cs_mutex2 == m);
}

static void begin(PyCriticalSection *c, uint8_t *m)
{
    PyThreadState *tstate = standin_current("PyCriticalSection_Begin");
    if (innermost_holds(tstate, m)) {
        c->cs_mutex = NULL;
        c->cs_prev = 0;
        return;
    }
    c->cs_mutex = NULL;
    c->cs_prev = tstate->critical_section;
    tstate->critical_section = (uintptr_t)c;
    standin_mutex_lock(m);
    c->cs_mutex = m;
}

static void leave(PyThreadState *tstate, PyCriticalSection *c)
{
    if (untag(tstate->critical_section) != c) {
        _Py_FatalErrorFunc("PyCriticalSection_End", "the section is not the innermost one");
    }
    tstate->critical_section = c->cs_prev;
    if (tstate->critical_section & INACTIVE) {
        standin_sections_resume(tstate);
    }
}

static void end(PyCriticalSection *c)
{
    if (c->cs_mutex == NULL) {
        return;
    }
    standin_mutex_unlock(c->cs_mutex);
    leave(standin_current("PyCriticalSection_End"), c);
}

static void begin2(PyCriticalSection2 *c, uint8_t *a, uint8_t *b)
{
    PyThreadState *tstate = standin_current("PyCriticalSection2_Begin");
    if (a == b) {
        c->cs_mutex2 = NULL;
        begin(&c->base, a);
        return;
    }
    uint8_t *first = a < b ? a : b, *second = a < b ? b : a;
    if (innermost_holds(tstate, first) && innermost_holds(tstate, second)) {
        c->base.cs_mutex = NULL;
        c->base.cs_prev = 0;
        c->cs_mutex2 = NULL;
        return;
    }
    c->base.cs_mutex = NULL;
    c->cs_mutex2 = NULL;
    c->base.cs_prev = tstate->critical_section;
    tstate->critical_section = (uintptr_t)c | TWO_MUTEXES;
    standin_mutex_lock(first);
    standin_mutex_lock(second);
    c->base.cs_mutex = first;
    c->cs_mutex2 = second;
}

static void end2(PyCriticalSection2 *c)
{
    if (c->base.cs_mutex == NULL) {
        return;
    }
    if (c->cs_mutex2 != NULL) {
        standin_mutex_unlock(c->cs_mutex2);
    }
    standin_mutex_unlock(c->base.cs_mutex);
    leave(standin_current("PyCriticalSection2_End"), &c->base);
}

#ifdef STANDIN_FT
void standin_lock_object(PyCriticalSection *c, PyObject *op)
{
    begin(c, &op->ob_mutex);
}
void standin_unlock_object(PyCriticalSection *c)
{
    end(c);
}
#else
void standin_lock_object(UNUSED PyCriticalSection *c, UNUSED PyObject *op)
{
}
void standin_unlock_object(UNUSED PyCriticalSection *c)
{
}
#endif

/* From here on: what extensions call, with the variations. */

/* The mutex of a section whose begin raised; ending that one is the caller's mistake. */
static uint8_t never_entered;
static long n_begins;

static bool begin_raises(uint8_t **mutex)
{
    if (standin.begin_raises_from == 0 ||
        __atomic_add_fetch(&n_begins, 1, __ATOMIC_RELAXED) < standin.begin_raises_from) {
        return false;
    }
    *mutex = &never_entered;
    PyErr_SetString(PyExc_RuntimeError, "the critical section cannot be entered");
    return true;
}

static uintptr_t extra_word(void *c, int i)
{
    return (uintptr_t)c ^ (0x5eed0000U + (unsigned)i);
}

static void write_extra(void *c, uintptr_t *words)
{
    for (int i = 0; i < standin.section_extra_words; i++) {
        words[i] = extra_word(c, i);
    }
}

/* A successor's words mean something to it, so they must come back as they were. */
static void check_extra(void *c, const uintptr_t *words)
{
    for (int i = 0; i < standin.section_extra_words; i++) {
        if (words[i] != extra_word(c, i)) {
            _Py_FatalErrorFunc("PyCriticalSection_End", "the section's storage was overwritten");
        }
    }
}

static void check_entered(const uint8_t *mutex)
{
    if (mutex == &never_entered) {
        _Py_FatalErrorFunc("PyCriticalSection_End", "the section was never entered");
    }
}

/* int where CPython 3.15 has void: an ABI that callers of either kind can use, and the way in
   which begin would come to be able to fail. */
static int begin_mutex(PyCriticalSection *c, uint8_t *m)
{
    if (standin.sections == SECTIONS_NOOP) {
        return 0;
    }
    if (begin_raises(&c->cs_mutex)) {
        return -1;
    }
    begin(c, m);
    write_extra(c, (uintptr_t *)(c + 1));
    return 0;
}

static int begin2_mutex(PyCriticalSection2 *c, uint8_t *a, uint8_t *b)
{
    if (standin.sections == SECTIONS_NOOP) {
        return 0;
    }
    if (begin_raises(&c->base.cs_mutex)) {
        return -1;
    }
    begin2(c, a, b);
    write_extra(c, (uintptr_t *)(c + 1));
    return 0;
}

int PyCriticalSection_BeginMutex(PyCriticalSection *c, uint8_t *m)
{
    return begin_mutex(c, m);
}

int PyCriticalSection2_BeginMutex(PyCriticalSection2 *c, uint8_t *a, uint8_t *b)
{
    return begin2_mutex(c, a, b);
}

void PyCriticalSection_End(PyCriticalSection *c)
{
    if (standin.sections == SECTIONS_NOOP) {
        return;
    }
    check_entered(c->cs_mutex);
    check_extra(c, (uintptr_t *)(c + 1));
    end(c);
}

void PyCriticalSection2_End(PyCriticalSection2 *c)
{
    if (standin.sections == SECTIONS_NOOP) {
        return;
    }
    check_entered(c->base.cs_mutex);
    check_extra(c, (uintptr_t *)(c + 1));
    end2(c);
}

#ifdef STANDIN_FT
int PyCriticalSection_Begin(PyCriticalSection *c, PyObject *op)
{
    return begin_mutex(c, standin.sections == SECTIONS_NOOP ? NULL : &op->ob_mutex);
}
int PyCriticalSection2_Begin(PyCriticalSection2 *c, PyObject *a, PyObject *b)
{
    if (standin.sections == SECTIONS_NOOP) {
        return 0;
    }
    return begin2_mutex(c, &a->ob_mutex, &b->ob_mutex);
}
#else
/* The 16-byte head has no mutex. Live sections on a GIL build keep one for all objects: what
   counts is that the caller's struct is used. */
static uint8_t one_mutex[2];
int PyCriticalSection_Begin(PyCriticalSection *c, UNUSED PyObject *op)
{
    return begin_mutex(c, &one_mutex[0]);
}
int PyCriticalSection2_Begin(PyCriticalSection2 *c, PyObject *a, PyObject *b)
{
    return begin2_mutex(c, &one_mutex[0], a == b ? &one_mutex[0] : &one_mutex[1]);
}
#endif
