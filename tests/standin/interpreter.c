/* Start, end, and the program in between. Where a CPython takes Python, the stand-in takes lines of

       import NAME PATH        loads an extension, again if it is loaded already
       call NAME FUNCTION      calls it without arguments and shows what it gives back
       threads N NAME FUNCTION the same on N new threads at once, one line for each
       state                   the GIL, warnings so far, objects that are alive

   and writes one line for each, or for each thread. */
#include "standin.h"
#include <pthread.h> /* the threads of `threads` */
#include <stdio.h>   /* printf */
#include <stdlib.h>  /* calloc */
#include <string.h>  /* strtok_r */

static bool running;
static void (*at_exit[32])(void);
static int n_at_exit;

void Py_InitializeEx(UNUSED int handle_signals)
{
    if (running) {
        return;
    }
    standin_configure();
    standin_gil_start();
    standin_threads_start();
    standin_types_ready();
    standin_sys_start();
    standin_atexit_start();
    running = true;
}
void Py_Initialize(void)
{
    Py_InitializeEx(1);
}
int Py_IsInitialized(void)
{
    return running;
}
int Py_IsFinalizing(void)
{
    return 0;
}

int Py_AtExit(void (*f)(void))
{
    if (n_at_exit == 32) {
        return -1;
    }
    at_exit[n_at_exit++] = f;
    return 0;
}

int Py_FinalizeEx(void)
{
    standin_run_pending();
    standin_atexit_call();
    Py_DecRef(standin_modules);
    standin_modules = NULL;
    running = false;
    while (n_at_exit > 0) {
        at_exit[--n_at_exit]();
    }
    return 0;
}

/* "= 42" or "! TypeError: why"; the caller frees it. */
static char *outcome(PyObject *result)
{
    PyObject *type = NULL, *value = NULL, *traceback = NULL, *text;
    const char *before = "= ", *kind = "";
    if (result != NULL) {
        text = PyObject_Repr(result);
    } else {
        PyErr_Fetch(&type, &value, &traceback);
        PyErr_NormalizeException(&type, &value, &traceback);
        before = "! ";
        kind = ((PyTypeObject *)type)->tp_name;
        text = standin_exception_str(value);
    }
    const char *shown = text == NULL ? "(no text)" : PyUnicode_AsUTF8(text);
    size_t n = strlen(before) + strlen(kind) + strlen(shown) + 3;
    char *line = malloc(n);
    if (line != NULL) {
        snprintf(line, n, "%s%s%s%s", before, kind, *kind != '\0' ? ": " : "", shown);
    }
    Py_DecRef(text);
    Py_DecRef(type);
    Py_DecRef(value);
    Py_DecRef(traceback);
    Py_DecRef(result);
    return line;
}

/* One line of output, whatever is in it. */
static void show(const char *what, char *line)
{
    for (char *p = line; p != NULL && (p = strchr(p, '\n')) != NULL;) {
        *p = ' ';
    }
    printf("%s %s\n", what, line != NULL ? line : "(out of memory)");
    fflush(stdout);
    free(line);
}

static PyObject *call(const char *module_name, const char *function_name)
{
    PyObject *module = PyImport_ImportModule(module_name);
    PyObject *function = module == NULL ? NULL : PyObject_GetAttrString(module, function_name);
    PyObject *result = function == NULL ? NULL : PyObject_CallNoArgs(function);
    Py_DecRef(function);
    Py_DecRef(module);
    return result;
}

struct job {
    pthread_t thread;
    pthread_barrier_t *start;
    const char *module, *function;
    char *line;
};

int PyGILState_Ensure(void);
void PyGILState_Release(int before);
PyThreadState *PyEval_SaveThread(void);
void PyEval_RestoreThread(PyThreadState *tstate);

static void *run_job(void *p)
{
    struct job *job = p;
    pthread_barrier_wait(job->start);
    int before = PyGILState_Ensure();
    job->line = outcome(call(job->module, job->function));
    PyGILState_Release(before);
    return NULL;
}

static void run_threads(int n, const char *module, const char *function)
{
    struct job *jobs = calloc((size_t)n, sizeof(*jobs));
    pthread_barrier_t start;
    pthread_barrier_init(&start, NULL, (unsigned)n);
    PyThreadState *tstate = PyEval_SaveThread();
    for (int i = 0; i < n; i++) {
        jobs[i] = (struct job){.start = &start, .module = module, .function = function};
        if (pthread_create(&jobs[i].thread, NULL, run_job, &jobs[i]) != 0) {
            _Py_FatalErrorFunc("threads", "a thread cannot be started");
        }
    }
    for (int i = 0; i < n; i++) {
        pthread_join(jobs[i].thread, NULL);
    }
    PyEval_RestoreThread(tstate);
    for (int i = 0; i < n; i++) {
        show("call", jobs[i].line);
    }
    pthread_barrier_destroy(&start);
    free(jobs);
}

static int run_line(char *line)
{
    char *rest = NULL, *word = strtok_r(line, " ", &rest);
    if (word == NULL) {
        return 0;
    }
    if (strcmp(word, "import") == 0) {
        const char *name = strtok_r(NULL, " ", &rest);
        PyObject *module = standin_import_extension(name, rest);
        int status = module != NULL ? 0 : -1;
        show("import", outcome(module));
        return status;
    }
    if (strcmp(word, "call") == 0) {
        const char *module = strtok_r(NULL, " ", &rest);
        show("call", outcome(call(module, rest)));
        standin_run_pending();
        return 0;
    }
    if (strcmp(word, "threads") == 0) {
        int n = atoi(strtok_r(NULL, " ", &rest));
        const char *module = strtok_r(NULL, " ", &rest);
        run_threads(n, module, rest);
        return 0;
    }
    if (strcmp(word, "state") == 0) {
        printf("state gil=%d warnings=%d objects=%lld\n", standin_gil_enabled(), standin_n_warnings,
               (long long)__atomic_load_n(&standin_live_objects, __ATOMIC_RELAXED));
        fflush(stdout);
        return 0;
    }
    _Py_FatalErrorFunc("PyRun_SimpleString", word);
}

/* Ends at the first import that fails, as a program would. */
int PyRun_SimpleStringFlags(const char *program, UNUSED void *flags)
{
    char *copy = strdup(program), *rest = NULL;
    int status = copy != NULL ? 0 : -1;
    for (char *line = copy == NULL ? NULL : strtok_r(copy, "\n", &rest);
         line != NULL && status == 0; line = strtok_r(NULL, "\n", &rest)) {
        status = run_line(line);
    }
    free(copy);
    return status;
}
int PyRun_SimpleString(const char *program)
{
    return PyRun_SimpleStringFlags(program, NULL);
}
