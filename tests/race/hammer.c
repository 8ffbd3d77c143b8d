/* Threads read and write a few cells as fast as they can. Afterwards no object may be lost: each one
 * has died, and none twice. `hammer MEMORY MILLISECONDS`. */

#include "unit.h"

#include <pthread.h>
#include <stdio.h>  /* printf */
#include <string.h> /* strcmp */
#include <time.h>   /* clock_gettime */

enum { THREADS = 4, CELLS = 2 };

static const char *const memory_names[RACE_MEMORIES] = {"malloc", "page", "freelist"};
static race_memory memory;
static pyshim_atomic_ref cells[CELLS];
static int stop;

static void use(PyObject *op)
{
    if (op != NULL) {
        race_check(op);
        Py_DecRef(op);
    }
}

static void exchange(pyshim_atomic_ref *cell, PyObject *fresh)
{
    PyObject *expected = pyshim_core_atomic_ref_load_ft(cell);
    if (pyshim_core_atomic_ref_compare_exchange_ft(cell, expected, fresh) && expected != NULL) {
        race_check(expected);
    }
    use(expected);
}

/* Copies a reference from one cell to another, so that both name one object. */
static void share(void)
{
    PyObject *op = pyshim_core_atomic_ref_load_ft(&cells[0]);
    pyshim_core_atomic_ref_store_ft(&cells[1], op);
    use(op);
}

static void step(uint64_t *random)
{
    uint64_t draw = race_random(random);
    pyshim_atomic_ref *cell = &cells[(draw >> 8) % CELLS];
    PyObject *fresh;
    if (draw % 8 < 4) {
        use(pyshim_core_atomic_ref_load_ft(cell));
        return;
    }
    fresh = draw % 16 == 7 ? NULL : race_new(memory, draw);
    switch (draw % 8) {
    case 4:
        pyshim_core_atomic_ref_store_ft(cell, fresh);
        break;
    case 5:
        exchange(cell, fresh);
        break;
    case 6:
        share();
        break;
    default:
        use(pyshim_core_atomic_ref_swap_ft(cell, fresh));
        pyshim_core_atomic_ref_store_ft(cell, fresh); /* often the value that is there */
    }
    use(fresh);
}

static void *work(void *argument)
{
    uint64_t random = (uint64_t)(uintptr_t)argument * 0x9E3779B97F4A7C15u;
    unsigned long steps = 0;
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
        step(&random);
        steps++;
    }
    return (void *)steps;
}

static void wait_milliseconds(long milliseconds)
{
    struct timespec time;
    time.tv_sec = milliseconds / 1000;
    time.tv_nsec = milliseconds % 1000 * 1000000;
    nanosleep(&time, NULL);
}

/* A slot that is not free would keep its object, and a thread that is gone cannot free it. */
static void expect_free_slots(void)
{
    const pyshim_core_hazard_block *block = &pyshim_core_hazard_first;
    size_t i;
    while (block != NULL) {
        for (i = 0; i < PYSHIM_HAZARD_SLOTS; i++) {
            if (block->slots[i].value != 0) {
                race_fail("a slot is still claimed");
            }
        }
        block = (const pyshim_core_hazard_block *)block->next;
    }
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    unsigned long steps = 0;
    uintptr_t i;
    if (argc != 3) {
        return 2;
    }
    while (strcmp(argv[1], memory_names[memory]) != 0) {
        memory = (race_memory)(memory + 1);
        if (memory == RACE_MEMORIES) {
            return 2;
        }
    }
    for (i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, work, (void *)(i + 1));
    }
    wait_milliseconds(strtol(argv[2], NULL, 10));
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    for (i = 0; i < THREADS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        steps += (unsigned long)(uintptr_t)result;
    }
    for (i = 0; i < CELLS; i++) {
        pyshim_core_atomic_ref_store_ft(&cells[i], NULL);
    }
    expect_free_slots();
    if (race_alive() != 0) {
        fprintf(stderr, "race: %ld objects leaked\n", race_alive());
        return 1;
    }
    printf("%lu steps\n", steps);
    return 0;
}
