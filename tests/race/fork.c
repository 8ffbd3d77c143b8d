/* Forks while threads read and write, so that children begin with slots whose holders are gone. In
 * each child, reads and writes must go on, and no object is lost but those that a slot got. `fork N`
 * forks N times. */

#include "unit.h"

#include <pthread.h>
#include <stdio.h>    /* printf */
#include <sys/wait.h> /* waitpid */
#include <unistd.h>   /* fork, _exit */

enum { THREADS = 4, CHILD_STEPS = 200 };

static pyshim_atomic_ref cell;
static int stop;

static void read_once(void)
{
    PyObject *op = pyshim_core_atomic_ref_load_ft(&cell);
    race_check(op); /* nobody empties the cell */
    Py_DecRef(op);
}

static void write_once(uint64_t number)
{
    PyObject *fresh = race_new(RACE_PAGE, number);
    pyshim_core_atomic_ref_store_ft(&cell, fresh);
    Py_DecRef(fresh);
}

static void *work(void *argument)
{
    uint64_t random = (uint64_t)(uintptr_t)argument * 0x9E3779B97F4A7C15u;
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
        if (race_random(&random) % 4 == 0) {
            write_once(random);
        } else {
            read_once();
        }
    }
    return NULL;
}

/* Slots that are claimed, which in a child are lost ones; how many of them have got a reference. */
static long lost_slots(long *gifts)
{
    const pyshim_core_hazard_block *block = &pyshim_core_hazard_first;
    long lost = 0;
    size_t i;
    *gifts = 0;
    while (block != NULL) {
        for (i = 0; i < PYSHIM_HAZARD_SLOTS; i++) {
            lost += block->slots[i].value != 0;
            *gifts += (block->slots[i].value & PYSHIM_HAZARD_GIFT_BIT) != 0;
        }
        block = (const pyshim_core_hazard_block *)block->next;
    }
    return lost;
}

/* 0 when all is well, and 1 when it is and slots were lost. */
static int child(void)
{
    long alive = race_alive(), gifts_before, gifts_after;
    long lost = lost_slots(&gifts_before);
    uint64_t i;
    for (i = 0; i < CHILD_STEPS; i++) {
        write_once(i);
        read_once();
    }
    if (lost_slots(&gifts_after) != lost) {
        race_fail("a slot was lost in the child");
    }
    /* A thread that is gone may have had a reference to what was in the cell. */
    if (race_alive() > alive + 1 + gifts_after - gifts_before) {
        race_fail("an object leaked in the child");
    }
    return lost != 0;
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    long forks = argc == 2 ? strtol(argv[1], NULL, 10) : 0, with_lost_slots = 0, i;
    write_once(0);
    for (i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, work, (void *)(uintptr_t)(i + 1));
    }
    for (i = 0; i < forks; i++) {
        int status;
        pid_t pid = fork();
        if (pid < 0) {
            race_fail("fork");
        }
        if (pid == 0) {
            _exit(child());
        }
        if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) {
            race_fail("a child crashed");
        }
        with_lost_slots += WEXITSTATUS(status);
    }
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    for (i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    if (with_lost_slots == 0) {
        race_fail("no fork caught a reader in the act");
    }
    printf("%ld of %ld children began with lost slots\n", with_lost_slots, forks);
    return 0;
}
