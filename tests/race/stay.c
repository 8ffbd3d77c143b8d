/* A thread forks while it is in an interpreter. In the child it leaves, and what keeps the interpreter from
 * ending there is a guard that was taken there, until that is closed. */

#include "views_unit.h"

#include <stdio.h>    /* printf */
#include <sys/wait.h> /* waitpid */
#include <unistd.h>   /* fork */

enum { WELL = 42 };

static void is(int value, int wanted, const char *what)
{
    if (value != wanted) {
        race_fail(what);
    }
}

/* What the child does within the stay of its parent, and after it. */
static int live_on(pyshim_core_home *home, pyshim_thread_entry *stay)
{
    pyshim_interpreter_view view = {home, NULL};
    pyshim_interpreter_guard guard;
    is(pyshim_core_home_has_guards(home), 0, "a guard of the parent counts in the child");
    is(pyshim_interpreter_guard_from_view(&guard, &view), 1, "the child gets no guard");
    pyshim_thread_release(stay);
    is(pyshim_core_home_has_guards(home), 1, "the stay of the parent took the child's guard along");
    pyshim_interpreter_guard_close(&guard);
    is(pyshim_core_home_has_guards(home), 0, "a guard that was closed counts");
    return WELL;
}

int main(void)
{
    PyInterpreterState *interpreter = race_interpreter_new();
    pyshim_core_home *home = pyshim_core_home_new(interpreter, 1);
    pyshim_interpreter_view view = {home, NULL};
    pyshim_thread_entry stay;
    int status = 0;
    pid_t child;
    is(pyshim_thread_ensure_from_view(&stay, &view), 1, "it is not let in");
    child = fork();
    if (child == 0) {
        _exit(live_on(home, &stay));
    }
    waitpid(child, &status, 0);
    is(WIFEXITED(status) && WEXITSTATUS(status) == WELL, 1, "the child failed");
    is(pyshim_core_home_has_guards(home), 1, "the parent's stay is forgotten");
    pyshim_thread_release(&stay);
    is(pyshim_core_home_has_guards(home), 0, "the parent's stay has not ended");
    pyshim_core_home_drop(home);
    pthread_mutex_destroy(&interpreter->gil);
    pthread_mutex_destroy(&interpreter->states_lock);
    free(interpreter);
    printf("it came back\n");
    return 0;
}
