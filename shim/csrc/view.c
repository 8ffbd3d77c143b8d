/* SPDX-License-Identifier: 0BSD */
/* Views of objects: what a sender makes and what comes back to it. The object is touched only by a
 * thread that is attached to its interpreter. */

#include "view_table.h"

PYSHIM_ASSERT(pyshim_core_buffer_size, sizeof(pyshim_core_buffer) == PYSHIM_UPSTREAM_GIL_Py_buffer_SIZE,
              "pyshim_core_buffer is Py_buffer");
PYSHIM_ASSERT(pyshim_core_buffer_at_internal,
              offsetof(pyshim_core_buffer, internal) == PYSHIM_UPSTREAM_GIL_Py_buffer_internal,
              "pyshim_core_buffer has its fields where Py_buffer has them");

static void pyshim_core_view_free(pyshim_core_view *view)
{
    free(view->arrays);
    free(view->text);
    free(view);
}

/* Gives the memory back to the object. The thread is attached to its interpreter. */
static void pyshim_core_view_release(pyshim_core_view *view)
{
    pyshim_core_get()->natives.pybuffer_release(&view->given);
}

static void pyshim_core_view_end(pyshim_core_view *view)
{
    pyshim_core_home *home = view->home;
    pyshim_core_view_free(view);
    pyshim_core_home_drop(home);
}

/* One of the arrays of the object's own, in the place that it has in the copy; NULL stays NULL. */
static Py_ssize_t *pyshim_core_copy_array(Py_ssize_t *to, const Py_ssize_t *from, int ndim)
{
    if (from == NULL) {
        return NULL;
    }
    memcpy(to, from, (size_t)ndim * sizeof(*to));
    return to;
}

/* Copies all but the memory itself, for others to read. 0, or -1 when there is no memory. */
static int pyshim_core_view_copy(pyshim_core_view *view)
{
    const pyshim_core_buffer *given = &view->given;
    pyshim_core_buffer *seen = &view->seen;
    const size_t ndim = (size_t)given->ndim;
    Py_ssize_t *arrays = (Py_ssize_t *)calloc(3 * ndim + 1, sizeof(*arrays));
    size_t format = given->format != NULL ? strlen(given->format) + 1 : 0;
    char *text = (char *)malloc(format + 1);
    if (arrays == NULL || text == NULL) {
        free(arrays);
        free(text);
        return -1;
    }
    *seen = *given;
    seen->obj = NULL;
    seen->internal = NULL;
    seen->shape = pyshim_core_copy_array(arrays, given->shape, given->ndim);
    seen->strides = pyshim_core_copy_array(arrays + ndim, given->strides, given->ndim);
    seen->suboffsets = pyshim_core_copy_array(arrays + 2 * ndim, given->suboffsets, given->ndim);
    seen->format = given->format != NULL ? (char *)memcpy(text, given->format, format) : NULL;
    view->arrays = arrays;
    view->text = text;
    return 0;
}

/* Whether objects can be asked for their memory, and given it back. -1 with an exception if not. */
static int pyshim_core_has_buffers(const pyshim_core_natives *natives)
{
    if (natives->pyobject_getbuffer == NULL || natives->pybuffer_release == NULL) {
        pyshim_core_raise_not_exported(natives->pyobject_getbuffer == NULL ? "PyObject_GetBuffer"
                                                                           : "PyBuffer_Release");
        return -1;
    }
    return 0;
}

/* A view of an object, which is not in the table. NULL with an exception. */
static pyshim_core_view *pyshim_core_view_new(pyshim_core_home *home, PyObject *exporter)
{
    const pyshim_core_loaded *loaded = pyshim_core_get();
    const int flags = pyshim_core_pybuf_full_ro_id(loaded->facts.version, loaded->facts.build);
    pyshim_core_view *view;
    if (pyshim_core_has_buffers(&loaded->natives) < 0) {
        return NULL;
    }
    view = (pyshim_core_view *)calloc(1, sizeof(*view));
    if (view == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    view->home = home;
    if (loaded->natives.pyobject_getbuffer(exporter, &view->given, flags) < 0) {
        free(view);
        return NULL;
    }
    if (pyshim_core_view_copy(view) < 0) {
        pyshim_core_view_release(view);
        free(view);
        PyErr_NoMemory();
        return NULL;
    }
    return view;
}

static PyObject *pyshim_core_view_send(PyObject *exporter)
{
    pyshim_core_home *home = pyshim_core_home_here("pyshim_view_send");
    pyshim_core_view *view = home != NULL ? pyshim_core_view_new(home, exporter) : NULL;
    PyObject *token;
    uint64_t number;
    int foreign;
    if (view == NULL) {
        return NULL;
    }
    if (!pyshim_core_views_add(view, &number)) {
        pyshim_core_view_release(view);
        pyshim_core_view_free(view);
        pyshim_core_raise_ending();
        return NULL;
    }
    token = PyLong_FromUnsignedLongLong(number);
    if (token == NULL) {
        view = pyshim_core_views_withdraw(number, home, &foreign);
        if (view != NULL) {
            pyshim_core_view_release(view);
            pyshim_core_view_end(view);
        }
    }
    return token;
}

static int pyshim_core_view_withdraw(PyObject *token)
{
    unsigned long long number = PyLong_AsUnsignedLongLong(token);
    pyshim_core_home *home;
    pyshim_core_view *view;
    int foreign;
    if (number == (unsigned long long)-1 && PyErr_Occurred() != NULL) {
        return -1;
    }
    home = pyshim_core_home_here("pyshim_view_withdraw");
    if (home == NULL) {
        return -1;
    }
    view = pyshim_core_views_withdraw(number, home, &foreign);
    if (view == NULL) {
        if (foreign) {
            PyErr_Format(PyExc_ValueError,
                         "pyshim: view %llu was sent by another interpreter, which alone can "
                         "withdraw it",
                         number);
        }
        return foreign ? -1 : 0;
    }
    pyshim_core_view_release(view);
    pyshim_core_view_end(view);
    return 1;
}

PyObject *pyshim_view_send(PyObject *exporter)
{
    pyshim_core_pending earlier;
    PyObject *token;
    pyshim_core_set_aside(&earlier);
    token = pyshim_core_view_send(exporter);
    pyshim_core_settle(&earlier);
    return token;
}

int pyshim_view_withdraw(PyObject *token)
{
    pyshim_core_pending earlier;
    int was;
    pyshim_core_set_aside(&earlier);
    was = pyshim_core_view_withdraw(token);
    pyshim_core_settle(&earlier);
    return was;
}

/* Gives the memory back from another interpreter; whether that could be done. The guard is closed
 * before the thread is attached again. */
static int pyshim_core_view_release_there(pyshim_core_view *view, pyshim_interpreter_guard *guard)
{
    PyThreadState *previous = PyEval_SaveThread();
    pyshim_thread_entry entry;
    memset(&entry, 0, sizeof(entry));
    if (!pyshim_core_enter_from(&entry, previous, guard)) {
        pyshim_interpreter_guard_close(guard);
        pyshim_core_attach(previous);
        return 0;
    }
    pyshim_core_view_release(view);
    entry.guard = guard->handle;
    entry.epoch = guard->epoch;
    guard->handle = NULL;
    pyshim_thread_release(&entry);
    return 1;
}

/* A guard on the object's interpreter, unless that has begun to end, or the process has. */
static int pyshim_core_view_guard(const pyshim_core_view *view, pyshim_interpreter_guard *guard)
{
    pyshim_interpreter_view home;
    memset(&home, 0, sizeof(home));
    home.handle = pyshim_core_has_guards() ? view->home->peer : (void *)view->home;
    return !pyshim_core_is_finalizing() && pyshim_interpreter_guard_from_view(guard, &home);
}

/* Ends an open view, in whichever interpreter. Where the object's cannot be entered any more, or where
 * a thread state cannot be had, the object stays for good. */
static void pyshim_core_view_close(pyshim_core_view *view)
{
    pyshim_interpreter_guard guard;
    int here = pyshim_core_interpreter() == view->home->interpreter;
    int guarded = !here && pyshim_core_view_guard(view, &guard);
    int released = 0;
    if (!pyshim_core_views_close(view)) {
        released = 1; /* it was counted when its interpreter ended */
    } else if (here) {
        pyshim_core_view_release(view);
        released = 1;
    } else if (guarded) {
        released = pyshim_core_view_release_there(view, &guard);
    }
    if (guarded) { /* which closes nothing a second time */
        pyshim_interpreter_guard_close(&guard);
    }
    if (!released) {
        pyshim_core_views_pin();
    }
    pyshim_core_view_end(view);
}

static size_t pyshim_core_views_end(pyshim_core_home *home)
{
    size_t open;
    pyshim_core_view *view = pyshim_core_views_take_all(home, &open);
    while (view != NULL) {
        pyshim_core_view *next = view->next;
        pyshim_core_view_release(view);
        pyshim_core_view_end(view);
        view = next;
    }
    return open;
}
