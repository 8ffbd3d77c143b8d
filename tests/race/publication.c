/* Threads publish and read a table and an array, which ThreadSanitizer watches. Whatever is read
 * must have been written before it was published. */

#include "unit.h"

#include <pthread.h>
#include <stdio.h>  /* printf */
#include <stdlib.h> /* malloc */

enum { THREADS = 4 };

static pthread_barrier_t barrier;
static void *place;

static void publish_table(void)
{
    pyshim_core_loaded *mine = (pyshim_core_loaded *)malloc(sizeof(*mine));
    const pyshim_core_loaded *current;
    mine->table = pyshim_core_stubs;
    mine->facts.version = 0x030D;
    if (pyshim_core_publish(&mine->table) != &mine->table) {
        free(mine);
    }
    current = (const pyshim_core_loaded *)(const void *)pyshim_table_get();
    if (current->facts.version != 0x030D) {
        race_fail("the table is not complete");
    }
}

static void publish_array(void)
{
    int *mine = (int *)malloc(sizeof(*mine));
    const int *current;
    *mine = 87;
    current = (const int *)pyshim_core_slots_publish(&place, NULL, mine);
    if (*current != 87) {
        race_fail("the array is not complete");
    }
    if (current != mine) {
        free(mine);
    }
}

/* Somebody who publishes nothing. */
static void await_array(void)
{
    const int *current = NULL;
    while (current == NULL) {
        current = (const int *)pyshim_core_slots_current(&place);
    }
    if (*current != 87) {
        race_fail("the array is not complete");
    }
}

static void *work(void *waits)
{
    pthread_barrier_wait(&barrier);
    publish_table();
    if (waits != NULL) {
        await_array();
    } else {
        publish_array();
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    int i;
    pthread_barrier_init(&barrier, NULL, THREADS);
    for (i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, work, i % 2 == 0 ? NULL : &place);
    }
    for (i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    free((void *)(uintptr_t)pyshim_table_get());
    free(place);
    printf("published\n");
    return 0;
}
