/* SPDX-License-Identifier: 0BSD */
/* How an interpreter is found again, and how its end is noticed.
 *
 * An object in the interpreter's own dictionary, its keeper, leads to what is known of it. Another one
 * leads atexit to the keeper, when threads may still attach and all of the standard library works; it is
 * called, or, when the first use was in atexit itself, let go of without that. And should neither happen,
 * the keeper goes away with the dictionary. It is in the dictionary only when atexit knows it, and then
 * stays there, so whoever finds it may use what it leads to. */

#include "registry.h"
#include "ending.h"

/* The interpreter that the calling thread is attached to, or NULL when this CPython does not say. */
static PyInterpreterState *pyshim_core_interpreter(void)
{
    const pyshim_core_natives *natives = &pyshim_core_get()->natives;
    if (natives->pythreadstate_getinterpreter != NULL) {
        return (PyInterpreterState *)natives->pythreadstate_getinterpreter(PyThreadState_Get());
    }
    return natives->_pyinterpreterstate_get != NULL
               ? (PyInterpreterState *)natives->_pyinterpreterstate_get()
               : NULL;
}

/* Whether CPython itself keeps interpreters from ending. */
static int pyshim_core_has_guards(void)
{
    return pyshim_core_group_is_there(pyshim_core_get(), pyshim_core_group_interpreter_guards);
}

static void pyshim_core_raise_ending(void)
{
    PyErr_Format(PyExc_RuntimeError, "pyshim: the interpreter is ending");
}

static void pyshim_core_home_forget_peer(void *peer)
{
    if (peer != NULL) {
        pyshim_core_get()->natives.pyinterpreterview_close(peer);
    }
}

/* Whether the process ends, or `otherwise` where nobody says so. */
static int pyshim_core_ask_finalizing(int otherwise)
{
    const pyshim_core_natives *natives = &pyshim_core_get()->natives;
    int (*ask)(void) =
        natives->py_isfinalizing != NULL ? natives->py_isfinalizing : natives->_py_isfinalizing;
    return ask != NULL ? ask() != 0 : otherwise;
}

/* Whether CPython would end or stop a thread that attaches elsewhere. Not to go there costs least. */
static int pyshim_core_is_finalizing(void)
{
    return pyshim_core_ask_finalizing(1);
}

/* Takes the home out of a keeper, which from then on ends nothing. NULL when it has none. */
static pyshim_core_home *pyshim_core_keeper_take(PyObject *keeper)
{
    void **pointers = pyshim_core_pointers(keeper);
    pyshim_core_bucket *bucket = pyshim_core_registry_lock();
    pyshim_core_home *home = (pyshim_core_home *)pointers[0];
    pointers[0] = NULL;
    pyshim_core_registry_unlock(bucket);
    return home;
}

/* A reference to the home of a keeper, from which it may be taken meanwhile. */
static pyshim_core_home *pyshim_core_keeper_home(PyObject *keeper)
{
    pyshim_core_bucket *bucket = pyshim_core_registry_lock();
    pyshim_core_home *home = (pyshim_core_home *)pyshim_core_pointers(keeper)[0];
    if (home != NULL) {
        pyshim_core_home_keep_locked(home);
    }
    pyshim_core_registry_unlock(bucket);
    return home;
}

/* Ends an interpreter, and returns how many views of it were open. */
static size_t pyshim_core_keeper_end(PyObject *keeper)
{
    pyshim_core_home *home = pyshim_core_keeper_home(keeper);
    size_t open = 0;
    if (home != NULL) {
        open = pyshim_core_home_end(home);
        pyshim_core_home_wait(home);
        pyshim_core_home_drop(home);
    }
    return open;
}

/* Takes the keeper out of what atexit has. */
static PyObject *pyshim_core_bell_take(PyObject *bell)
{
    void **pointers = pyshim_core_pointers(bell);
    pyshim_core_bucket *bucket = pyshim_core_registry_lock();
    PyObject *keeper = (PyObject *)pointers[0];
    pointers[0] = NULL;
    pyshim_core_registry_unlock(bucket);
    return keeper;
}

/* Ends the interpreter, and warns of views that are open. 0, or -1 with an exception. */
static int pyshim_core_bell_ring(PyObject *keeper)
{
    size_t open = keeper != NULL ? pyshim_core_keeper_end(keeper) : 0;
    Py_DecRef(keeper);
    return open == 0 ? 0
                     : PyErr_WarnFormat(PyExc_ResourceWarning, 1,
                                        "pyshim: %zu views are open while the interpreter of their "
                                        "objects ends, so the memory of these stays for good",
                                        open);
}

/* What atexit calls. */
static PyObject *pyshim_core_bell_call(PyObject *self, PyObject *args, PyObject *kwargs)
{
    (void)args;
    (void)kwargs;
    return pyshim_core_bell_ring(pyshim_core_bell_take(self)) < 0 ? NULL : Py_BuildValue("");
}

/* Whether the thread is in the interpreter of a keeper, and runs nothing of Python's there. */
static int pyshim_core_is_idle_in(PyObject *keeper)
{
    pyshim_core_home *home = pyshim_core_keeper_home(keeper);
    int idle = home != NULL && home->interpreter == pyshim_core_interpreter()
               && PyEval_GetFrame() == NULL;
    if (home != NULL) {
        pyshim_core_home_drop(home);
    }
    return idle;
}

/* Atexit has forgotten it. That was asked for by Python's code, or is the work of a collector, or atexit is
 * over and did not call what it was told meanwhile; then nothing of Python's runs. */
static void pyshim_core_bell_dealloc(PyObject *self)
{
    PyObject *keeper = pyshim_core_bell_take(self);
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    if (keeper == NULL || !pyshim_core_is_idle_in(keeper)) {
        Py_DecRef(keeper);
    } else if (pyshim_core_bell_ring(keeper) < 0) {
        PyErr_WriteUnraisable(NULL);
    }
    PyErr_Restore(type, value, traceback);
    pyshim_core_free_object(self);
}

static void pyshim_core_keeper_dealloc(PyObject *self)
{
    pyshim_core_home *home = pyshim_core_keeper_take(self);
    if (home != NULL) {
        pyshim_core_home_end(home);
        pyshim_core_home_drop(home);
    }
    pyshim_core_free_object(self);
}

/* An object with a pointer, the only one of its type. NULL with an exception. */
static PyObject *pyshim_core_new_only(const char *name, const pyshim_core_type_functions *functions)
{
    PyObject *type = pyshim_core_new_type(name, 1, functions);
    PyObject *only = type != NULL ? pyshim_core_new_object(type) : NULL;
    Py_DecRef(type);
    return only;
}

/* An object that leads to a new home. NULL with an exception. */
static PyObject *pyshim_core_new_keeper(PyInterpreterState *interpreter)
{
    static const pyshim_core_type_functions functions = {NULL, pyshim_core_keeper_dealloc, NULL,
                                                         NULL};
    PyObject *keeper = pyshim_core_new_only("pyshim.interpreter", &functions);
    pyshim_core_home *home;
    void *peer = NULL;
    if (keeper == NULL) {
        return NULL;
    }
    if (pyshim_core_has_guards()) {
        peer = pyshim_core_get()->natives.pyinterpreterview_fromcurrent();
        if (peer == NULL) {
            Py_DecRef(keeper);
            return NULL;
        }
    }
    home = pyshim_core_home_new(interpreter, PyInterpreterState_GetID(interpreter));
    if (home == NULL) {
        pyshim_core_home_forget_peer(peer);
        Py_DecRef(keeper);
        return PyErr_NoMemory();
    }
    home->peer = peer;
    pyshim_core_pointers(keeper)[0] = home;
    return keeper;
}

/* What leads atexit to a keeper. NULL with an exception. */
static PyObject *pyshim_core_new_bell(PyObject *keeper)
{
    static const pyshim_core_type_functions functions = {pyshim_core_bell_call,
                                                         pyshim_core_bell_dealloc, NULL, NULL};
    PyObject *bell = pyshim_core_new_only("pyshim.atexit", &functions);
    if (bell != NULL) {
        Py_IncRef(keeper);
        pyshim_core_pointers(bell)[0] = keeper;
    }
    return bell;
}

/* Has atexit end the keeper. 0, or -1 with an exception. */
static int pyshim_core_register_keeper(PyObject *keeper)
{
    PyObject *module = PyImport_ImportModule("atexit");
    PyObject *bell = module != NULL ? pyshim_core_new_bell(keeper) : NULL;
    PyObject *args = bell != NULL ? Py_BuildValue("(O)", bell) : NULL;
    PyObject *result = args != NULL ? pyshim_core_call_method(module, "register", args) : NULL;
    int failed = result == NULL;
    if (failed && bell != NULL) {
        Py_DecRef(pyshim_core_bell_take(bell)); /* it goes, and ends nothing */
    }
    Py_DecRef(result);
    Py_DecRef(bell);
    Py_DecRef(module);
    return failed ? -1 : 0;
}

/* Throws away a keeper that is not in the dictionary, and so has no interpreter to end. Atexit may lead to
 * it for good. */
static void pyshim_core_discard_keeper(PyObject *keeper)
{
    pyshim_core_home *home = keeper != NULL ? pyshim_core_keeper_take(keeper) : NULL;
    if (home != NULL) {
        pyshim_core_home_drop(home);
    }
    Py_DecRef(keeper);
}

/* Puts a new keeper into the dictionary, unless another thread was first, or the process ends: nobody
 * would call it, and a finalizer that comes when the earlier one has gone begins nothing anew. A
 * borrowed reference to the one that is there, or NULL with an exception. */
static PyObject *pyshim_core_add_keeper(PyInterpreterState *interpreter, PyObject *dict,
                                        PyObject *key)
{
    PyObject *fresh, *args, *found;
    int registered;
    if (pyshim_core_ask_finalizing(0)) {
        pyshim_core_raise_ending();
        return NULL;
    }
    fresh = pyshim_core_new_keeper(interpreter);
    registered = fresh != NULL && pyshim_core_register_keeper(fresh) == 0;
    args = registered ? Py_BuildValue("(OO)", key, fresh) : NULL;
    found = args != NULL ? pyshim_core_call_method(dict, "setdefault", args) : NULL;
    if (found != fresh) {
        pyshim_core_discard_keeper(fresh);
    } else {
        Py_DecRef(fresh);
    }
    Py_DecRef(found); /* the dictionary has it */
    return found;
}

/* What is known of the interpreter that the thread is attached to; it stays while that does not end.
 * NULL with an exception. */
static pyshim_core_home *pyshim_core_home_here(const char *function)
{
    PyInterpreterState *interpreter;
    PyObject *dict, *key, *keeper;
    if (pyshim_core_get() == NULL) {
        pyshim_core_raise_uninitialised(function);
        return NULL;
    }
    interpreter = pyshim_core_interpreter();
    dict = interpreter != NULL ? PyInterpreterState_GetDict(interpreter) : NULL; /* borrowed */
    if (dict == NULL) {
        if (interpreter != NULL && PyErr_Occurred() == NULL) {
            PyErr_NoMemory(); /* which CPython forgets */
        }
        if (PyErr_Occurred() == NULL) {
            PyErr_Format(PyExc_RuntimeError,
                         "pyshim: this CPython does not tell interpreters apart, so %s cannot work",
                         function);
        }
        return NULL;
    }
    key = PyUnicode_FromFormat("pyshim %p", (void *)&pyshim_core_registry);
    keeper = key != NULL ? PyDict_GetItemWithError(dict, key) : NULL; /* borrowed */
    if (keeper == NULL && PyErr_Occurred() == NULL) {
        keeper = pyshim_core_add_keeper(interpreter, dict, key);
    }
    Py_DecRef(key);
    return keeper != NULL ? (pyshim_core_home *)pyshim_core_pointers(keeper)[0] : NULL;
}
