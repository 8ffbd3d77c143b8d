/* Goes through every public function with one thing failing at a time: each allocation, by the core
 * or by CPython on its behalf, and each call of CPython's that can fail. Each attempt is a process
 * of its own, since some may end it. `faults.run()` returns what went wrong, as lines of text, how
 * many failures were tried, and which functions failed. */
#define PYSHIM_STACK_REF_CHECKS 1
#include "calls.h"

#include "pyshim.c"

#undef malloc
#undef calloc
#undef realloc
#undef free
#undef PyThreadState_GetDict
#undef PyList_New
#undef PyUnicode_FromFormat
#undef PyUnicode_FromString
#undef PySys_GetObject
#undef PyDict_SetItem

#include <signal.h>   /* SIGALRM */
#include <stdarg.h>   /* complaints */
#include <sys/wait.h> /* waitpid */

/* How often the same thing fails. What stays behind each time is a leak; what stays behind once, such as
 * a cache of the collector in 3.8, is less than this. */
enum { LEAK_ROUNDS = 8 };

#include "allocators.h"
#include "fixture.h"
#include "acts.h"

/* What ends the process of an attempt. */
enum { WELL = 0, WRONG = 1, NOT_REACHED = 2, WRONG_AND_NOT_REACHED = 3 };

static int wrong;

static void complain(const act *of, const char *format, ...)
{
    va_list arguments;
    if (wrong++ > 3) {
        return;
    }
    fprintf(stderr, "%s, %s %ld%s: ", of->name, faults_names[faults.kind], faults.nth,
            fixture.earlier != NULL ? ", with an exception pending" : "");
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

static int says(PyObject *exception, const char *part)
{
    PyObject *text = PyObject_Str(exception);
    int does = text != NULL && strstr(PyUnicode_AsUTF8(text), part) != NULL;
    Py_XDECREF(text);
    return does;
}

/* An act that raises leaves an exception, which leads to the earlier one; another one leaves things
 * as they were. */
static void look_at_exception(const act *of, int result)
{
    PyObject *type, *value, *traceback, *context_traceback, *context = NULL;
    PyErr_Fetch(&type, &value, &traceback);
    if (type != NULL) {
        PyErr_NormalizeException(&type, &value, &traceback);
    }
    if (result < 0 && value == NULL) {
        complain(of, "failed without an exception");
    }
    if (result == 0 && fixture.earlier != NULL && traceback != fixture_traceback()) {
        complain(of, "the earlier exception has lost its traceback");
    }
    if (result == 0 && value != fixture.earlier) {
        complain(of, value != NULL ? "succeeded with an exception" : "lost the earlier exception");
    }
    if (result < 0 && value != NULL && fixture.earlier != NULL && value != fixture.earlier) {
        context = PyException_GetContext(value);
        if (context != fixture.earlier) {
            complain(of, "the earlier exception is not the context of a %s",
                     Py_TYPE(value)->tp_name);
        }
        context_traceback = PyException_GetTraceback(fixture.earlier);
        if (context_traceback != fixture_traceback()) {
            complain(of, "the context of a %s has lost its traceback", Py_TYPE(value)->tp_name);
        }
        Py_XDECREF(context_traceback);
        PyException_SetContext(value, NULL);
    }
    if (value != NULL && says(value, "does not tell interpreters apart")) {
        complain(of, "CPython is blamed for what it can do");
    }
    Py_XDECREF(context);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
}

static void one_round(const act *of, int pending)
{
    const char *stuck;
    int result;
    fixture_begin(of->begins, pending);
    faults.seen = faults.fired = 0;
    faults.armed = 1;
    result = of->body();
    faults.armed = 0;
    look_at_exception(of, result);
    stuck = fixture_end();
    if (stuck != NULL) {
        complain(of, "%s", stuck);
    }
    if (result < 0 && faults.fired == 0 && !of->always_raises) {
        complain(of, "failed with nothing injected");
    }
}

/* Rounds in which the same thing fails. Whether it was reached. */
static int rounds(const act *of, int n, int pending)
{
    int reached = 0;
    while (n-- > 0) {
        one_round(of, pending);
        reached |= faults.fired != 0;
    }
    return reached;
}

/* Rounds in which nothing fails; they work, whatever failed before. */
static void good_rounds(const act *of, int n, int pending)
{
    const faults_kind kind = faults.kind;
    faults.kind = FAULTS_KINDS;
    rounds(of, n, pending);
    faults.kind = kind;
}

/* Lets go of what waits to be freed, which free-threaded builds do only here, and gets free lists back
 * to where they are in the middle of a run, for what is allocated depends on them. */
static void settle_memory(const act *of)
{
    collect_everywhere();
    good_rounds(of, 2, 0);
    collect_everywhere();
    good_rounds(of, 2, 0);
}

/* By how many blocks CPython's memory grows in rounds. */
static long growth(const act *of, void (*what)(const act *))
{
    const long memory = allocators_live;
    what(of);
    settle_memory(of);
    return allocators_live - memory;
}

static void rounds_that_fail(const act *of)
{
    rounds(of, LEAK_ROUNDS, 0);
}

static void rounds_that_do_not(const act *of)
{
    good_rounds(of, LEAK_ROUNDS, 0);
}

static void look_for_leaks(const act *of)
{
    long blocks, memory;
    settle_memory(of);
    blocks = faults.blocks;
    memory = growth(of, rounds_that_fail);
    if (faults.blocks - blocks >= LEAK_ROUNDS) {
        complain(of, "the core leaks %ld blocks in %d rounds", faults.blocks - blocks, LEAK_ROUNDS);
    }
    if (memory >= LEAK_ROUNDS && of->makes_thread_states) {
        memory -= growth(of, rounds_that_do_not);
    }
    if (memory >= LEAK_ROUNDS) {
        complain(of, "%ld blocks of CPython's leak in %d rounds", memory, LEAK_ROUNDS);
    }
}

/* One attempt, in a process of its own. An exception that is pending makes no difference to leaks. */
static int attempt(const act *of, int pending)
{
    int reached = rounds(of, 2, pending);
    if (reached && !pending) {
        look_for_leaks(of);
    }
    good_rounds(of, 1, pending);
    return (wrong != 0 ? WRONG : WELL) | (reached ? WELL : NOT_REACHED);
}

/* What a process said before it ended. */
static size_t read_all(int from, char *text, size_t room)
{
    size_t n = 0;
    ssize_t got;
    while (n + 1 < room && (got = read(from, text + n, room - n - 1)) > 0) {
        n += (size_t)got;
    }
    text[n] = '\0';
    return n;
}

/* What CPython before 3.12 says when it has no memory for the exception that says so, and ends. */
static const char gives_up[] = "Cannot recover from MemoryErrors while normalizing exceptions";

/* Appends what is wrong to a list of texts. Whether there was anything to make fail. */
static int try_nth(const act *of, faults_kind kind, long nth, int pending, PyObject *complaints)
{
    char text[4096];
    PyObject *line;
    int ends[2], status = 0;
    pid_t child;
    if (pipe(ends) != 0 || (child = fork()) < 0) {
        Py_FatalError("faults: no process can be had");
    }
    if (child == 0) {
        close(ends[0]);
        dup2(ends[1], 2);
        alarm(10); /* what waits for ever is a finding too */
        faults.kind = kind;
        faults.nth = nth;
        _exit(attempt(of, pending));
    }
    close(ends[1]);
    read_all(ends[0], text, sizeof(text));
    close(ends[0]);
    waitpid(child, &status, 0);
    if (WIFEXITED(status) && !(WEXITSTATUS(status) & WRONG)) {
        return WEXITSTATUS(status) == WELL;
    }
    if (WIFSIGNALED(status)
        && ((of->may_end_with != NULL && strstr(text, of->may_end_with) != NULL)
            || (PY_VERSION_HEX < 0x030C0000 && strstr(text, gives_up) != NULL))) {
        return 1;
    }
    line = WIFSIGNALED(status) ? PyUnicode_FromFormat("%s, %s %ld: signal %d: %s", of->name,
                                                      faults_names[kind], nth, WTERMSIG(status), text)
                               : PyUnicode_FromString(text);
    PyList_Append(complaints, line);
    Py_XDECREF(line);
    return WIFSIGNALED(status) ? WTERMSIG(status) != SIGALRM : WEXITSTATUS(status) == WRONG;
}

/* The functions that were made to fail, as a list of their names. */
static PyObject *fired_names(void)
{
    PyObject *names = PyList_New(0);
    int i;
    for (i = 0; faults_fired_names[i] != NULL; i++) {
        PyObject *name = PyUnicode_FromString(faults_fired_names[i]);
        PyList_Append(names, name);
        Py_XDECREF(name);
    }
    return names;
}

/* run() -> (what went wrong, how often something was made to fail, what that was) */
static PyObject *run(PyObject *self, PyObject *unused)
{
    PyObject *complaints = PyList_New(0);
    long n_failures = 0;
    size_t i;
    int kind, pending;
    (void)self;
    (void)unused;
    for (i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
        for (kind = 0; kind < FAULTS_KINDS; kind++) {
            for (pending = 0; pending < 2; pending++) {
                long nth = 1;
                while (try_nth(&acts[i], (faults_kind)kind, nth, pending, complaints)) {
                    nth++;
                }
                n_failures += nth - 1;
            }
        }
    }
    return Py_BuildValue("(NlN)", complaints, n_failures, fired_names());
}

static PyMethodDef methods[] = {
    {"run", run, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots_of_tests[] = {
#ifdef Py_mod_gil
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};

static PyModuleDef module_of_tests = {
    PyModuleDef_HEAD_INIT, "faults", NULL, 0, methods, slots_of_tests, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_faults(void)
{
    faults_share_names();
    allocators_begin();
    return PyModuleDef_Init(&module_of_tests);
}
