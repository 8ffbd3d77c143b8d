/* Interpreters send views and end, while threads of others open and close them, for which they enter
 * the interpreter that sent; and the main one ends meanwhile, and with it the process, after which nobody
 * enters any. `views [ROUNDS]`. */

#include "views_unit.h"

#include <sched.h> /* sched_yield */
#include <stdio.h> /* printf */

enum { OWNERS = 2, RECEIVERS = 3, VIEWS = 12, DEFAULT_ROUNDS = 150 };

/* Rounds of an owner in one process, as it were; in the last third it is about to end. */
enum { ROUNDS_IN_A_PROCESS = 15 };

/* Tokens that may be open; 0 where there is none. */
static uint64_t offered[OWNERS * VIEWS];
static int stop;

/* The main interpreter; each receiver has a reference. */
static pyshim_core_home *main_home;
/* Whether nobody may be let in any more. */
static int process_has_ended;

/* Ends that came while a view was open, views that were opened and closed, who was let into an interpreter
 * and who was not, and rounds of owners. */
static long pins, opened, closed, entered, refused, rounds_done;

static void begin(PyInterpreterState *interpreter, int64_t id)
{
    PyEval_RestoreThread(PyThreadState_New(interpreter));
    race_home = pyshim_core_home_new(interpreter, id);
}

/* As an interpreter ends: nobody else may be in. */
static void end(void)
{
    PyInterpreterState *interpreter = race_state->interpreter;
    PyThreadState *state;
    size_t open = pyshim_core_home_end(race_home);
    pyshim_core_home_wait(race_home);
    __atomic_fetch_add(&pins, (long)open, __ATOMIC_RELAXED);
    pthread_mutex_lock(&interpreter->states_lock);
    if (interpreter->states != 1) {
        race_fail("it is not the last thread");
    }
    pthread_mutex_unlock(&interpreter->states_lock);
    state = PyEval_SaveThread();
    PyThreadState_Delete(state);
    pyshim_core_home_drop(race_home);
    pthread_mutex_destroy(&interpreter->gil);
    pthread_mutex_destroy(&interpreter->states_lock);
    free(interpreter);
}

static void *own(void *argument)
{
    const long first = ((long *)argument)[0];
    const long number = ((long *)argument)[1];
    uint64_t random = (uint64_t)number * 0x9E3779B97F4A7C15u;
    long round;
    int i;
    for (round = first; round < first + ROUNDS_IN_A_PROCESS; round++) {
        begin(race_interpreter_new(), 1 + number + round * OWNERS);
        for (i = 0; i < VIEWS; i++) {
            race_exporter *exporter = race_exporter_new((unsigned char)i);
            PyObject *token = pyshim_view_send((PyObject *)(void *)exporter);
            race_exporter_drop(exporter);
            __atomic_store_n(&offered[number * VIEWS + i], (uint64_t)(uintptr_t)token,
                             __ATOMIC_RELAXED);
            if (race_random(&random) % 4 == 0) {
                pyshim_view_withdraw(token); /* or somebody was first */
            }
            if (race_random(&random) % 4 == 0) {
                PyEval_RestoreThread(PyEval_SaveThread());
                sched_yield();
            }
        }
        end();
        __atomic_fetch_add(&rounds_done, 1, __ATOMIC_RELAXED);
    }
    return NULL;
}

/* Enters an interpreter that may have ended, and makes something there. */
static void visit(pyshim_core_home *home)
{
    pyshim_interpreter_view view = {home, NULL};
    pyshim_thread_entry entry;
    const int too_late = __atomic_load_n(&process_has_ended, __ATOMIC_RELAXED);
    if (pyshim_thread_ensure_from_view(&entry, &view)) {
        race_exporter_drop(race_exporter_new(0));
        pyshim_thread_release(&entry);
        __atomic_fetch_add(&entered, 1, __ATOMIC_RELAXED);
        if (too_late) {
            race_fail("somebody was let in after the process has ended");
        }
    } else {
        __atomic_fetch_add(&refused, 1, __ATOMIC_RELAXED);
    }
    pyshim_interpreter_view_close(&view);
}

static void receive(uint64_t token)
{
    pyshim_core_view *view = pyshim_core_views_open(token);
    pyshim_core_home *home;
    const unsigned char *memory;
    int i;
    if (view == NULL) {
        return;
    }
    __atomic_fetch_add(&opened, 1, __ATOMIC_RELAXED);
    memory = (const unsigned char *)view->seen.buf;
    for (i = 1; i < RACE_BYTES; i++) {
        if (memory[i] != memory[0]) {
            race_fail("the memory is not what was sent");
        }
    }
    if (token % 8 == 0 && pyshim_core_views_put_back(view)) {
        return; /* for somebody else, or for the end */
    }
    if (token % 3 == 0) {
        sched_yield();
    }
    home = view->home;
    pyshim_core_home_keep(home); /* for the visit */
    pyshim_core_view_close(view);
    visit(home);
    pyshim_core_home_keep(main_home);
    visit(main_home);
    __atomic_fetch_add(&closed, 1, __ATOMIC_RELAXED);
}

static void *work(void *argument)
{
    uint64_t random = (uint64_t)(uintptr_t)argument * 0x9E3779B97F4A7C15u;
    begin(race_interpreter_new(), -(int64_t)(uintptr_t)argument);
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
        uint64_t token = __atomic_load_n(&offered[race_random(&random) % (OWNERS * VIEWS)],
                                         __ATOMIC_RELAXED);
        if (token != 0) {
            receive(token);
        }
    }
    pyshim_core_home_drop(main_home);
    end();
    return NULL;
}

static void nobody_is_in(void)
{
    pyshim_core_bucket *bucket = pyshim_core_registry_lock();
    const pyshim_core_home *home;
    for (home = pyshim_core_registry.homes; home != NULL; home = home->next) {
        if (home->guards > 0) {
            race_fail("somebody is in when the process ends");
        }
    }
    pyshim_core_registry_unlock(bucket);
}

/* As a process with other interpreters ends: nobody is in any of them, and nobody gets in. */
static void end_process(PyThreadState *state)
{
    PyEval_RestoreThread(state);
    end();
    nobody_is_in();
    __atomic_store_n(&process_has_ended, 1, __ATOMIC_RELAXED);
}

/* The life of a process, from Py_Initialize to Py_Finalize, of which there may be several. */
static void live(long first)
{
    const long enough = rounds_done + OWNERS * ROUNDS_IN_A_PROCESS * 2 / 3;
    pthread_t owners[OWNERS], receivers[RECEIVERS];
    long arguments[OWNERS][2];
    PyThreadState *state;
    long i;
    __atomic_store_n(&stop, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&process_has_ended, 0, __ATOMIC_RELAXED);
    begin(race_interpreter_new(), 0);
    main_home = race_home;
    state = PyEval_SaveThread();
    for (i = 0; i < RECEIVERS; i++) {
        pyshim_core_home_keep(main_home);
        pthread_create(&receivers[i], NULL, work, (void *)(uintptr_t)(i + 1));
    }
    for (i = 0; i < OWNERS; i++) {
        arguments[i][0] = first;
        arguments[i][1] = i;
        pthread_create(&owners[i], NULL, own, arguments[i]);
    }
    while (__atomic_load_n(&rounds_done, __ATOMIC_RELAXED) < enough) {
        sched_yield();
    }
    end_process(state);
    for (i = 0; i < OWNERS; i++) {
        pthread_join(owners[i], NULL);
    }
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    for (i = 0; i < RECEIVERS; i++) {
        pthread_join(receivers[i], NULL);
    }
}

int main(int argc, char **argv)
{
    const long rounds = argc == 2 ? strtol(argv[1], NULL, 10) : DEFAULT_ROUNDS;
    pyshim_view_counts counts;
    long round;
    for (round = 0; round < rounds; round += ROUNDS_IN_A_PROCESS) {
        live(round);
    }
    pyshim_view_count(&counts);
    if (counts.sent != 0 || counts.open != 0 || race_exporters != (long)counts.pinned) {
        race_fail("views are left, or were lost");
    }
    if (pyshim_core_registry.homes != NULL) {
        race_fail("an interpreter is not forgotten");
    }
    if (closed == 0 || pins == 0 || entered == 0 || refused == 0) {
        race_fail("nothing was done while an interpreter ended");
    }
    printf("%ld opened, %ld pinned, %ld entered, %ld refused\n", opened, (long)counts.pinned, entered,
           refused);
    return 0;
}
