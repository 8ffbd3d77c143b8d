/* SPDX-License-Identifier: 0BSD */
/* Where a view is opened: an object with the view's memory, and a memoryview of that, which is what
 * users get. The view is open as long as somebody has the memory from the object.
 *
 * `release` of the memoryview closes the view as its user wants it; a memoryview that goes away
 * without that is reported. A weak reference tells the two apart: it leads to nothing when the
 * memoryview is going. */

#include "view_table.h"

enum {
    PYSHIM_CORE_OPENED_VIEW,    /* the view; NULL when it is closed */
    PYSHIM_CORE_OPENED_EXPORTS, /* how often somebody has the memory; with the view, under the lock */
    PYSHIM_CORE_OPENED_MEMORY,  /* a weak reference to the memoryview; NULL until that is there */
    PYSHIM_CORE_OPENED_ADDRESS, /* where the memoryview is, or was */
    PYSHIM_CORE_OPENED_POINTERS
};

static int pyshim_core_opened_get(PyObject *self, void *to, int flags)
{
    const pyshim_core_loaded *loaded = pyshim_core_get();
    const unsigned version = loaded->facts.version, build = loaded->facts.build;
    const int all = pyshim_core_pybuf_full_ro_id(version, build);
    const int writable = pyshim_core_pybuf_writable_id(version, build);
    void **pointers = pyshim_core_pointers(self);
    pyshim_core_buffer *buffer = (pyshim_core_buffer *)to;
    pyshim_core_bucket *bucket = pyshim_core_registry_lock();
    pyshim_core_view *view = (pyshim_core_view *)pointers[PYSHIM_CORE_OPENED_VIEW];
    /* The memoryview gives others what they ask for; nobody but it is to ask here. */
    int gives = view != NULL && (flags & all) == all && !(flags & writable);
    if (gives) {
        pointers[PYSHIM_CORE_OPENED_EXPORTS] =
            (char *)pointers[PYSHIM_CORE_OPENED_EXPORTS] + 1;
        *buffer = view->seen;
    }
    pyshim_core_registry_unlock(bucket);
    if (!gives) {
        buffer->obj = NULL;
        PyErr_Format(PyExc_BufferError, view == NULL
                                            ? "pyshim: the view is closed"
                                            : "pyshim: a view gives its memory to memoryviews only");
        return -1;
    }
    Py_IncRef(self);
    buffer->obj = self;
    return 0;
}

/* Takes the view out of the object. */
static pyshim_core_view *pyshim_core_opened_take(void **pointers)
{
    pyshim_core_view *view = (pyshim_core_view *)pointers[PYSHIM_CORE_OPENED_VIEW];
    pointers[PYSHIM_CORE_OPENED_VIEW] = NULL;
    return view;
}

/* Whether the memoryview is still somebody's, and so was released. Where that cannot be told, it counts as
 * released: there is no warning then. */
static int pyshim_core_opened_was_released(void *const *pointers)
{
    PyObject *reference = (PyObject *)pointers[PYSHIM_CORE_OPENED_MEMORY];
    PyObject *found = PyObject_CallObject(reference, NULL);
    if (found == NULL) {
        PyErr_Clear();
        return 1;
    }
    Py_DecRef(found);
    return found == pointers[PYSHIM_CORE_OPENED_ADDRESS];
}

/* Closes the view. Other exceptions that are set stay set. */
static void pyshim_core_opened_close(pyshim_core_view *view, void *const *pointers)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    if (pointers[PYSHIM_CORE_OPENED_MEMORY] == NULL) {
        if (pyshim_core_views_put_back(view)) { /* it could not be opened */
            view = NULL;
        }
    } else if (!pyshim_core_opened_was_released(pointers)
               && PyErr_WarnFormat(PyExc_ResourceWarning, 1,
                                   "pyshim: unclosed view of %zd bytes of another interpreter",
                                   view->seen.len)
                      < 0) {
        PyErr_WriteUnraisable(NULL);
    }
    PyErr_Clear();
    if (view != NULL) {
        pyshim_core_view_close(view);
    }
    PyErr_Restore(type, value, traceback);
}

static void pyshim_core_opened_release(PyObject *self, void *from)
{
    void **pointers = pyshim_core_pointers(self);
    pyshim_core_view *view = NULL;
    pyshim_core_bucket *bucket = pyshim_core_registry_lock();
    pointers[PYSHIM_CORE_OPENED_EXPORTS] = (char *)pointers[PYSHIM_CORE_OPENED_EXPORTS] - 1;
    if (pointers[PYSHIM_CORE_OPENED_EXPORTS] == NULL) {
        view = pyshim_core_opened_take(pointers);
    }
    pyshim_core_registry_unlock(bucket);
    (void)from;
    if (view != NULL) {
        pyshim_core_opened_close(view, pointers);
    }
}

/* It has no view any more, unless nobody ever had the memory. */
static void pyshim_core_opened_dealloc(PyObject *self)
{
    void **pointers = pyshim_core_pointers(self);
    pyshim_core_view *view = pyshim_core_opened_take(pointers);
    if (view != NULL) {
        pyshim_core_opened_close(view, pointers);
    }
    Py_DecRef((PyObject *)pointers[PYSHIM_CORE_OPENED_MEMORY]);
    pyshim_core_free_object(self);
}

/* A new reference to the type of such objects in this interpreter. NULL with an exception. */
static PyObject *pyshim_core_opened_type(pyshim_core_home *home)
{
    static const pyshim_core_type_functions functions = {
        NULL, pyshim_core_opened_dealloc, pyshim_core_opened_get, pyshim_core_opened_release};
    PyObject *fresh = NULL;
    PyObject *type;
    pyshim_core_bucket *bucket = pyshim_core_registry_lock();
    int ended = home->ended;
    type = home->view_type;
    if (type != NULL) {
        Py_IncRef(type);
    }
    pyshim_core_registry_unlock(bucket);
    if (type != NULL || ended) {
        if (type == NULL) {
            pyshim_core_raise_ending();
        }
        return type;
    }
    fresh = pyshim_core_new_type("pyshim.view", PYSHIM_CORE_OPENED_POINTERS, &functions);
    if (fresh == NULL) {
        return NULL;
    }
    bucket = pyshim_core_registry_lock();
    if (home->view_type == NULL && !home->ended) {
        home->view_type = fresh;
        Py_IncRef(fresh);
    }
    pyshim_core_registry_unlock(bucket);
    return fresh; /* which is as good as another thread's */
}

/* An object without a view. NULL with an exception. */
static PyObject *pyshim_core_new_opened(void)
{
    pyshim_core_home *home = pyshim_core_home_here("pyshim_view_open");
    PyObject *type = home != NULL ? pyshim_core_opened_type(home) : NULL;
    PyObject *opened = type != NULL ? pyshim_core_new_object(type) : NULL;
    Py_DecRef(type);
    return opened;
}

/* The memoryview of an object with a view. NULL with an exception, and then the view is put back when
 * the object goes. */
static PyObject *pyshim_core_opened_memory(PyObject *opened)
{
    PyObject *memory = PyMemoryView_FromObject(opened);
    PyObject *reference = memory != NULL ? PyWeakref_NewRef(memory, NULL) : NULL;
    if (reference == NULL) {
        Py_DecRef(memory);
        return NULL;
    }
    pyshim_core_pointers(opened)[PYSHIM_CORE_OPENED_ADDRESS] = memory;
    pyshim_core_pointers(opened)[PYSHIM_CORE_OPENED_MEMORY] = reference;
    return memory;
}

static PyObject *pyshim_core_view_open(PyObject *token)
{
    unsigned long long number = PyLong_AsUnsignedLongLong(token);
    PyObject *opened, *memory;
    pyshim_core_view *view;
    if (number == (unsigned long long)-1 && PyErr_Occurred() != NULL) {
        return NULL;
    }
    opened = pyshim_core_new_opened();
    if (opened == NULL) {
        return NULL;
    }
    view = pyshim_core_views_open(number);
    if (view == NULL) {
        Py_DecRef(opened);
        PyErr_Format(PyExc_ValueError,
                     "pyshim: there is no view %llu to open: it was opened or withdrawn before, its "
                     "interpreter has ended, or another module sent it",
                     number);
        return NULL;
    }
    pyshim_core_pointers(opened)[PYSHIM_CORE_OPENED_VIEW] = view;
    memory = pyshim_core_opened_memory(opened);
    Py_DecRef(opened);
    return memory;
}

PyObject *pyshim_view_open(PyObject *token)
{
    pyshim_core_pending earlier;
    PyObject *memory;
    pyshim_core_set_aside(&earlier);
    memory = pyshim_core_view_open(token);
    pyshim_core_settle(&earlier);
    return memory;
}

int pyshim_view_close(PyObject *memory)
{
    pyshim_core_pending earlier;
    PyObject *result;
    pyshim_core_set_aside(&earlier);
    result = pyshim_core_call_method(memory, "release", NULL);
    Py_DecRef(result);
    return pyshim_core_settle(&earlier);
}
