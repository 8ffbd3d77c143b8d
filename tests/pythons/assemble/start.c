/* Makes an ordinary `python` of an executable that holds CPython but has another main.
 *
 * Linked before libc, this library answers to the name under which the executable's entry code asks
 * libc to run its main, and has libc run Python's command line instead. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>  /* dlsym: libc's own __libc_start_main, and Py_BytesMain where there is one */
#include <stdio.h>  /* fputs */
#include <stdlib.h> /* abort */

typedef int (*main_function)(int, char **, char **);
typedef int (*start_function)(main_function, int, char **, void (*)(void), void (*)(void),
                              void (*)(void), void *);

/* In command_line.c, for the executables that were linked without Py_BytesMain. */
extern int pythons_command_line(int argc, char **argv) __attribute__((weak, visibility("hidden")));

static int python_main(int argc, char **argv, char **environment)
{
    (void)environment;
    int (*bytes_main)(int, char **) = (int (*)(int, char **))dlsym(RTLD_DEFAULT, "Py_BytesMain");
    if (bytes_main != NULL) {
        return bytes_main(argc, argv);
    }
    if (pythons_command_line != NULL) {
        return pythons_command_line(argc, argv);
    }
    fputs("this executable has no Py_BytesMain\n", stderr);
    return 1;
}

int __libc_start_main(main_function own_main, int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
    (void)own_main;
    start_function start = (start_function)dlsym(RTLD_NEXT, "__libc_start_main");
    if (start == NULL) {
        abort();
    }
    return start(python_main, argc, argv, init, fini, rtld_fini, stack_end);
}
