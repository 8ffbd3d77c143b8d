/* A program that embeds whatever runtime it is told to: host LIBRARY PROGRAM. Nothing in it is for
   the stand-in; given a libpython it runs Python. */
#include <dlfcn.h>  /* dlopen, dlsym */
#include <stdio.h>  /* fprintf */
#include <string.h> /* memcpy */

static void *library;

/* A function of the runtime; the types on both sides are the caller's business. */
static void find(const char *name, void *function)
{
    void *found = dlsym(library, name);
    if (found == NULL) {
        fprintf(stderr, "host: the library has no %s\n", name);
    }
    memcpy(function, &found, sizeof(found));
}

int main(int argc, char **argv)
{
    void (*initialize)(int);
    int (*run)(const char *);
    int (*finalize)(void);
    if (argc != 3) {
        fprintf(stderr, "usage: host LIBRARY PROGRAM\n");
        return 2;
    }
    library = dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL);
    if (library == NULL) {
        fprintf(stderr, "host: %s\n", dlerror());
        return 2;
    }
    find("Py_InitializeEx", &initialize);
    find("PyRun_SimpleString", &run);
    find("Py_FinalizeEx", &finalize);
    if (initialize == NULL || run == NULL || finalize == NULL) {
        return 2;
    }
    initialize(0);
    int status = run(argv[2]);
    return finalize() < 0 || status != 0 ? 1 : 0;
}
