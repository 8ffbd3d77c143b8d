/* Thread states: who is attached, and what a thread is asked to do by others. */
#include "standin.h"
#include <pthread.h> /* the list's lock, new threads */
#include <stdlib.h>  /* calloc */
#include <string.h>  /* memcpy */

_Thread_local PyThreadState *standin_tstate;
/* The thread state that PyGILState_Ensure made, or found, for this thread. */
static _Thread_local PyThreadState *gilstate;

static pthread_mutex_t list_mutex = PTHREAD_MUTEX_INITIALIZER;
static PyThreadState *all;
static uint64_t last_id;
static int interpreter; /* its address stands for the one interpreter */

PyThreadState *standin_current(const char *caller)
{
    if (standin_tstate == NULL) {
        _Py_FatalErrorFunc(caller, "the function must be called with the GIL held, after Python "
                                   "initialization and before Python finalization, but the GIL is "
                                   "released (the current Python thread state is NULL)");
    }
    return standin_tstate;
}

PyThreadState *PyThreadState_New(UNUSED void *interp)
{
    PyThreadState *tstate = calloc(1, sizeof(*tstate));
    if (tstate != NULL) {
        pthread_mutex_lock(&list_mutex);
        tstate->id = ++last_id;
        tstate->next = all;
        all = tstate;
        pthread_mutex_unlock(&list_mutex);
    }
    return tstate;
}

void standin_attach(PyThreadState *tstate)
{
    if (standin_tstate != NULL) {
        _Py_FatalErrorFunc("_PyThreadState_Attach", "non-NULL old thread state");
    }
    standin_gil_take(tstate);
    pthread_mutex_lock(&list_mutex);
    tstate->thread_id = standin_thread_id();
    pthread_mutex_unlock(&list_mutex);
    standin_tstate = tstate;
    if (tstate->critical_section != 0) {
        standin_sections_resume(tstate);
    }
    standin_run_pending();
}

void standin_detach(void)
{
    PyThreadState *tstate = standin_tstate;
    standin_sections_suspend(tstate);
    standin_tstate = NULL;
    standin_gil_drop(tstate);
}

/* The last shared reference is gone while the owner still counts for itself: the owner has to
   merge the two counts. Where it has ended, whoever comes first does. */
void standin_queue_for_owner(PyObject *op)
{
#ifdef STANDIN_FT
    pthread_mutex_lock(&list_mutex);
    uintptr_t owner = __atomic_load_n(&op->ob_tid, __ATOMIC_RELAXED);
    PyThreadState *tstate = all;
    while (tstate != NULL && (owner == 0 || tstate->thread_id != owner)) {
        tstate = tstate->next;
    }
    if (tstate == NULL) {
        Py_ssize_t n = standin_merge_refcount(op, -1);
        pthread_mutex_unlock(&list_mutex);
        if (n == 0) {
            _Py_Dealloc(op);
        }
        return;
    }
    if (tstate->n_unmerged == tstate->cap_unmerged) {
        tstate->cap_unmerged = tstate->cap_unmerged * 2 + 16;
        tstate->unmerged =
            realloc(tstate->unmerged, tstate->cap_unmerged * sizeof(*tstate->unmerged));
        if (tstate->unmerged == NULL) {
            _Py_FatalErrorFunc("_Py_brc_queue_object", "out of memory");
        }
    }
    tstate->unmerged[tstate->n_unmerged++] = op;
    pthread_mutex_unlock(&list_mutex);
#else
    (void)op;
#endif
}

static PyObject *next_unmerged(PyThreadState *tstate)
{
    pthread_mutex_lock(&list_mutex);
    PyObject *op = tstate->n_unmerged == 0 ? NULL : tstate->unmerged[--tstate->n_unmerged];
    pthread_mutex_unlock(&list_mutex);
    return op;
}

/* What CPython does between bytecodes. */
void standin_run_pending(void)
{
#ifdef STANDIN_FT
    PyObject *op;
    while ((op = next_unmerged(standin_tstate)) != NULL) {
        if (standin_merge_refcount(op, -1) == 0) {
            _Py_Dealloc(op);
        }
    }
#else
    (void)next_unmerged;
#endif
}

void PyThreadState_Clear(PyThreadState *tstate)
{
    PyObject *type = tstate->error_type, *value = tstate->error_value;
    PyObject *traceback = tstate->error_traceback;
    tstate->error_type = tstate->error_value = tstate->error_traceback = NULL;
    Py_DecRef(type);
    Py_DecRef(value);
    Py_DecRef(traceback);
}

static void unlink_and_free(PyThreadState *tstate)
{
    pthread_mutex_lock(&list_mutex);
    PyThreadState **link = &all;
    while (*link != tstate) {
        link = &(*link)->next;
    }
    *link = tstate->next;
    pthread_mutex_unlock(&list_mutex);
    free(tstate->unmerged);
    free(tstate);
}

/* Out of the list first, so that nobody hands it objects that it would never merge. */
void PyThreadState_DeleteCurrent(void)
{
    PyThreadState *tstate = standin_current("PyThreadState_DeleteCurrent");
    pthread_mutex_lock(&list_mutex);
    tstate->thread_id = 0;
    pthread_mutex_unlock(&list_mutex);
    standin_run_pending();
    standin_detach();
    if (gilstate == tstate) {
        gilstate = NULL;
    }
    unlink_and_free(tstate);
}

void PyThreadState_Delete(PyThreadState *tstate)
{
    if (tstate == standin_tstate) {
        _Py_FatalErrorFunc("PyThreadState_Delete", "tstate is still current");
    }
    if (gilstate == tstate) {
        gilstate = NULL;
    }
    unlink_and_free(tstate);
}

PyThreadState *PyThreadState_Swap(PyThreadState *next)
{
    PyThreadState *previous = standin_tstate;
    if (standin.minor < 13) {
        standin_tstate = next; /* the GIL stays with the thread */
        return previous;
    }
    if (previous != NULL) {
        standin_detach();
    }
    if (next != NULL) {
        standin_attach(next);
    }
    return previous;
}

PyThreadState *PyThreadState_Get(void)
{
    return standin_current("PyThreadState_Get");
}
PyThreadState *PyThreadState_GetUnchecked(void)
{
    return standin_tstate;
}
PyThreadState *_PyThreadState_UncheckedGet(void)
{
    return standin_tstate;
}
void *PyThreadState_GetInterpreter(UNUSED PyThreadState *tstate)
{
    return &interpreter;
}
uint64_t PyThreadState_GetID(PyThreadState *tstate)
{
    return tstate->id;
}
void *PyInterpreterState_Get(void)
{
    standin_current("PyInterpreterState_Get");
    return &interpreter;
}
void *_PyInterpreterState_Get(void)
{
    return PyInterpreterState_Get();
}
void *PyInterpreterState_Main(void)
{
    return &interpreter;
}
int64_t PyInterpreterState_GetID(UNUSED void *interp)
{
    return 0;
}

PyThreadState *PyEval_SaveThread(void)
{
    PyThreadState *tstate = standin_current("PyEval_SaveThread");
    standin_detach();
    return tstate;
}
void PyEval_RestoreThread(PyThreadState *tstate)
{
    standin_attach(tstate);
}
void *PyEval_GetFrame(void)
{
    return NULL;
}
void PyEval_AcquireThread(PyThreadState *tstate)
{
    standin_attach(tstate);
}
void PyEval_ReleaseThread(UNUSED PyThreadState *tstate)
{
    standin_detach();
}
void PyEval_InitThreads(void)
{
}
int Py_MakePendingCalls(void)
{
    standin_run_pending();
    return 0;
}
int PyErr_CheckSignals(void)
{
    return Py_MakePendingCalls();
}

enum { GILSTATE_LOCKED, GILSTATE_UNLOCKED };

int PyGILState_Ensure(void)
{
    if (gilstate == NULL) {
        gilstate = standin_tstate != NULL ? standin_tstate : PyThreadState_New(&interpreter);
        if (gilstate == NULL) {
            _Py_FatalErrorFunc("PyGILState_Ensure", "Couldn't create thread-state for new thread");
        }
        gilstate->gilstate_counter = standin_tstate != NULL;
    }
    bool attached = standin_tstate == gilstate;
    if (!attached) {
        standin_attach(gilstate);
    }
    gilstate->gilstate_counter++;
    return attached ? GILSTATE_LOCKED : GILSTATE_UNLOCKED;
}

void PyGILState_Release(int before)
{
    if (gilstate == NULL || gilstate != standin_tstate) {
        _Py_FatalErrorFunc("PyGILState_Release", "thread state must be current when releasing");
    }
    if (--gilstate->gilstate_counter == 0) {
        PyThreadState_Clear(gilstate);
        PyThreadState_DeleteCurrent();
    } else if (before == GILSTATE_UNLOCKED) {
        standin_detach();
    }
}
int PyGILState_Check(void)
{
    return standin_tstate != NULL;
}
PyThreadState *PyGILState_GetThisThreadState(void)
{
    return gilstate;
}

void standin_threads_start(void)
{
    PyThreadState *tstate = PyThreadState_New(&interpreter);
    if (tstate == NULL) {
        _Py_FatalErrorFunc("Py_InitializeFromConfig", "out of memory");
    }
    tstate->gilstate_counter = 1;
    gilstate = tstate;
    standin_attach(tstate);
}

/* PyThread_*: what an extension has for locks before PyMutex. */
typedef struct {
    pthread_mutex_t mutex;
    pthread_cond_t free;
    bool taken;
} thread_lock;

void *PyThread_allocate_lock(void)
{
    thread_lock *lock = calloc(1, sizeof(*lock));
    if (lock != NULL) {
        pthread_mutex_init(&lock->mutex, NULL);
        pthread_cond_init(&lock->free, NULL);
    }
    return lock;
}
void PyThread_free_lock(void *op)
{
    thread_lock *lock = op;
    pthread_cond_destroy(&lock->free);
    pthread_mutex_destroy(&lock->mutex);
    free(lock);
}
int PyThread_acquire_lock(void *op, int wait)
{
    thread_lock *lock = op;
    pthread_mutex_lock(&lock->mutex);
    while (lock->taken && wait) {
        pthread_cond_wait(&lock->free, &lock->mutex);
    }
    bool mine = !lock->taken;
    lock->taken = true;
    pthread_mutex_unlock(&lock->mutex);
    return mine;
}
void PyThread_release_lock(void *op)
{
    thread_lock *lock = op;
    pthread_mutex_lock(&lock->mutex);
    lock->taken = false;
    pthread_cond_signal(&lock->free);
    pthread_mutex_unlock(&lock->mutex);
}
unsigned long PyThread_get_thread_ident(void)
{
    pthread_t self = pthread_self();
    unsigned long ident = 0;
    memcpy(&ident, &self, sizeof(ident) < sizeof(self) ? sizeof(ident) : sizeof(self));
    return ident;
}
PyObject *PyInterpreterState_GetDict(UNUSED void *interp)
{
    static PyObject *dict;
    if (dict == NULL) {
        dict = PyDict_New();
    }
    return dict;
}
