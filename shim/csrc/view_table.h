/* SPDX-License-Identifier: 0BSD */
/* Views of objects, and the table of those that nobody has opened. */
#ifndef PYSHIM_CORE_VIEW_TABLE_H
#define PYSHIM_CORE_VIEW_TABLE_H

#include "registry.h"

/* Py_buffer, which the limited API has only from 3.11 on. */
typedef struct pyshim_core_buffer {
    void *buf;
    PyObject *obj;
    Py_ssize_t len;
    Py_ssize_t itemsize;
    int readonly;
    int ndim;
    char *format;
    Py_ssize_t *shape;
    Py_ssize_t *strides;
    Py_ssize_t *suboffsets;
    void *internal;
} pyshim_core_buffer;

/* A view: what the object gave, which is given back in its own interpreter, and what others see of it,
 * which has copies of all but the memory itself. It does not move, for objects may let pointers in
 * `given` lead into `given`. */
typedef struct pyshim_core_view {
    pyshim_core_buffer given;
    pyshim_core_buffer seen;
    Py_ssize_t *arrays; /* of what is seen, like the text */
    char *text;
    pyshim_core_home *home; /* of the object */
    uint64_t token;
    struct pyshim_core_view *next;
} pyshim_core_view;

/* Puts a new view into the table, under a token, from when on others may take it out and end it; unless its
 * interpreter has ended. */
static int pyshim_core_views_add(pyshim_core_view *view, uint64_t *token);

/* Takes a view out of the table, to open it; NULL when it is not there. */
static pyshim_core_view *pyshim_core_views_open(uint64_t token);

/* Puts it back, unless its interpreter has ended meanwhile. */
static int pyshim_core_views_put_back(pyshim_core_view *view);

/* Takes a view out of the table, to withdraw it. NULL when it is not there, or, with `*foreign` set,
 * another interpreter's. */
static pyshim_core_view *pyshim_core_views_withdraw(uint64_t token, const pyshim_core_home *home,
                                                    int *foreign);

/* Counts an open view as closed; whether its interpreter is still there. */
static int pyshim_core_views_close(pyshim_core_view *view);

/* Counts an object whose memory stays. */
static void pyshim_core_views_pin(void);

#endif
