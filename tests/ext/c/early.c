/* Locks and waits before Python is initialised, when the executable is not even in its main. It is
 * preloaded, and says whose lock it was. */
#include "pyshim.c"

#include <pthread.h>
#include <stdio.h>  /* fprintf */
#include <stdlib.h> /* abort */
#include <unistd.h> /* usleep */

enum { THREADS = 4, STEPS = 20000 };

static pyshim_mutex mutex;
static volatile long total;

static void *work(void *unused)
{
    int i;
    for (i = 0; i < STEPS; i++) {
        pyshim_mutex_lock(&mutex);
        total = total + 1;
        pyshim_mutex_unlock(&mutex);
    }
    return unused;
}

__attribute__((constructor)) static void early(void)
{
    pthread_t threads[THREADS];
    int i;
    if (Py_IsInitialized()) {
        return;
    }
    /* All have to wait at first. */
    pyshim_mutex_lock(&mutex);
    for (i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, work, NULL);
    }
    usleep(50000);
    pyshim_mutex_unlock(&mutex);
    for (i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    if (total != THREADS * STEPS || pyshim_mutex_is_locked(&mutex)) {
        abort();
    }
    fprintf(stderr, "early: %s\n", pyshim_mutex_scheme());
}
