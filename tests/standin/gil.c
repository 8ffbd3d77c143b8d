/* The global interpreter lock, and its comings and goings on free-threaded builds. */
#include "standin.h"
#include <limits.h>  /* INT_MAX */
#include <pthread.h> /* the lock itself */
#include <stdio.h>   /* snprintf */

static pthread_mutex_t gil_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gil_free = PTHREAD_COND_INITIALIZER;
static bool gil_taken;
/* How many want it on; INT_MAX is for good. Always on in a GIL build. */
static int gil_wanted;

static int wanted(void)
{
    return __atomic_load_n(&gil_wanted, __ATOMIC_SEQ_CST);
}

bool standin_gil_enabled(void)
{
    return wanted() > 0;
}

void standin_gil_start(void)
{
#ifdef STANDIN_FT
    gil_wanted = standin.gil == GIL_ON ? INT_MAX : 0;
#else
    gil_wanted = INT_MAX;
#endif
}

static void take(PyThreadState *tstate)
{
    pthread_mutex_lock(&gil_mutex);
    while (gil_taken) {
        pthread_cond_wait(&gil_free, &gil_mutex);
    }
    gil_taken = true;
    pthread_mutex_unlock(&gil_mutex);
    tstate->holds_gil = true;
}

void standin_gil_take(PyThreadState *tstate)
{
    if (standin_gil_enabled()) {
        take(tstate);
    }
}

void standin_gil_drop(PyThreadState *tstate)
{
    if (!tstate->holds_gil) {
        return;
    }
    tstate->holds_gil = false;
    pthread_mutex_lock(&gil_mutex);
    gil_taken = false;
    pthread_cond_signal(&gil_free);
    pthread_mutex_unlock(&gil_mutex);
}

static void raise_wanted(bool for_good)
{
    if (standin.gil == GIL_OFF || wanted() == INT_MAX) {
        return;
    }
    __atomic_store_n(&gil_wanted, for_good ? INT_MAX : wanted() + 1, __ATOMIC_SEQ_CST);
    if (!standin_tstate->holds_gil) {
        take(standin_tstate);
    }
}

/* Around PyInit_: a module that has not said otherwise yet may need it. */
void standin_gil_enable_transient(void)
{
    raise_wanted(false);
}

void standin_gil_disable_transient(void)
{
    if (standin.gil == GIL_OFF || wanted() == INT_MAX) {
        return;
    }
    if (__atomic_sub_fetch(&gil_wanted, 1, __ATOMIC_SEQ_CST) == 0) {
        standin_gil_drop(standin_tstate);
    }
}

int standin_gil_enable_for_module(const char *name)
{
    if (standin.gil == GIL_OFF || wanted() == INT_MAX) {
        return 0;
    }
    raise_wanted(true);
    char text[600];
    snprintf(
        text, sizeof(text),
        "The global interpreter lock (GIL) has been enabled to load module '%s', which has not "
        "declared that it can run safely without the GIL. To override this behavior and keep "
        "the GIL disabled (at your own risk), run with PYTHON_GIL=0 or -Xgil=0.",
        name);
    return PyErr_WarnEx(PyExc_RuntimeWarning, text, 1);
}
