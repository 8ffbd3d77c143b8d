/* SPDX-License-Identifier: 0BSD */
/* Notices a mutex that is both locked directly and used in sections, which with a GIL do not keep each
 * other out. Files that are compiled with PYSHIM_CHECKABLE say what they do, and where; the first use
 * of a mutex is kept in its reserve, so that another one at the same address begins anew. */

#include <stdio.h>  /* fprintf */
#include <stdlib.h> /* getenv, malloc */

typedef struct pyshim_core_mutex_use {
    int use;
    const char *file;
    int line;
    int reported;
} pyshim_core_mutex_use;

static int pyshim_core_is_checking(void)
{
    const char *asked = getenv("PYSHIM_CHECK");
    return asked != NULL && asked[0] != '\0' && strcmp(asked, "0") != 0;
}

static pyshim_core_mutex_use *pyshim_core_first_use(int use, const char *file, int line)
{
    pyshim_core_mutex_use *first = (pyshim_core_mutex_use *)malloc(sizeof(*first));
    if (first != NULL) {
        first->use = use;
        first->file = file;
        first->line = line;
        first->reported = 0;
    }
    return first;
}

static void pyshim_core_report_mixed(const pyshim_core_mutex_use *direct,
                                     const pyshim_core_mutex_use *section)
{
    fprintf(stderr,
            "pyshim: a mutex is locked directly at %s:%d and used in a section at %s:%d; with a GIL "
            "these do not keep each other out\n",
            direct->file, direct->line, section->file, section->line);
}

void pyshim_mutex_note(pyshim_mutex *mutex, int use, const char *file, int line)
{
    pyshim_core_mutex_use now = {0, NULL, 0, 0};
    pyshim_core_mutex_use *first;
    pyshim_core_bucket *bucket;
    if (!pyshim_core_is_checking()) {
        return;
    }
    now.use = use;
    now.file = file;
    now.line = line;
    /* Whoever looks at the reserve has this lock. */
    bucket = pyshim_core_bucket_lock(&mutex->bits);
    first = (pyshim_core_mutex_use *)mutex->reserved;
    if (first == NULL) {
        mutex->reserved = pyshim_core_first_use(use, file, line);
    } else if (first->use != use && !first->reported) {
        first->reported = 1;
        pyshim_core_report_mixed(use == PYSHIM_MUTEX_USE_DIRECT ? &now : first,
                                 use == PYSHIM_MUTEX_USE_DIRECT ? first : &now);
    }
    pyshim_core_bucket_unlock(bucket);
}
