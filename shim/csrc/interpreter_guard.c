/* SPDX-License-Identifier: 0BSD */
/* Views and guards of interpreters, and threads that enter them: PEP 788, by CPython itself from 3.15
 * on. Before, a handle leads to a home, and a thread that enters gets a new thread state there. */

#include "registry.h"

static int pyshim_core_view_from_current(pyshim_interpreter_view *view)
{
    pyshim_core_home *home;
    memset(view, 0, sizeof(*view));
    if (pyshim_core_get() != NULL && pyshim_core_has_guards()) {
        view->handle = pyshim_core_get()->natives.pyinterpreterview_fromcurrent();
        return view->handle != NULL ? 0 : -1;
    }
    home = pyshim_core_home_here("pyshim_interpreter_view_from_current");
    if (home == NULL) {
        return -1;
    }
    pyshim_core_home_keep(home);
    view->handle = home;
    return 0;
}

int pyshim_interpreter_view_from_current(pyshim_interpreter_view *view)
{
    pyshim_core_pending earlier;
    pyshim_core_set_aside(&earlier);
    pyshim_core_view_from_current(view);
    return pyshim_core_settle(&earlier);
}

void pyshim_interpreter_view_close(pyshim_interpreter_view *view)
{
    void *handle = view->handle;
    view->handle = NULL;
    if (handle == NULL) {
        return;
    }
    if (pyshim_core_has_guards()) {
        pyshim_core_get()->natives.pyinterpreterview_close(handle);
    } else {
        pyshim_core_home_drop((pyshim_core_home *)handle);
    }
}

static int pyshim_core_guard_from_current(pyshim_interpreter_guard *guard)
{
    pyshim_core_home *home;
    memset(guard, 0, sizeof(*guard));
    if (pyshim_core_get() != NULL && pyshim_core_has_guards()) {
        guard->handle = pyshim_core_get()->natives.pyinterpreterguard_fromcurrent();
        return guard->handle != NULL ? 0 : -1;
    }
    home = pyshim_core_home_here("pyshim_interpreter_guard_from_current");
    if (home == NULL) {
        return -1;
    }
    if (!pyshim_core_home_guard(home, &guard->epoch)) {
        pyshim_core_raise_ending();
        return -1;
    }
    guard->handle = home;
    return 0;
}

int pyshim_interpreter_guard_from_current(pyshim_interpreter_guard *guard)
{
    pyshim_core_pending earlier;
    pyshim_core_set_aside(&earlier);
    pyshim_core_guard_from_current(guard);
    return pyshim_core_settle(&earlier);
}

int pyshim_interpreter_guard_from_view(pyshim_interpreter_guard *guard,
                                       const pyshim_interpreter_view *view)
{
    memset(guard, 0, sizeof(*guard));
    if (view->handle == NULL) {
        return 0;
    }
    if (pyshim_core_has_guards()) {
        guard->handle = pyshim_core_get()->natives.pyinterpreterguard_fromview(view->handle);
    } else if (!pyshim_core_is_finalizing()
               && pyshim_core_home_guard((pyshim_core_home *)view->handle, &guard->epoch)) {
        guard->handle = view->handle;
    }
    return guard->handle != NULL;
}

void pyshim_interpreter_guard_close(pyshim_interpreter_guard *guard)
{
    void *handle = guard->handle;
    guard->handle = NULL;
    if (handle == NULL) {
        return;
    }
    if (pyshim_core_has_guards()) {
        pyshim_core_get()->natives.pyinterpreterguard_close(handle);
    } else {
        pyshim_core_home_unguard((pyshim_core_home *)handle, guard->epoch);
    }
}

/* Detaches, unless the thread is attached to that interpreter, and says whether it was. */
static int pyshim_core_is_there(PyInterpreterState *interpreter, PyThreadState **previous)
{
    *previous = pyshim_core_detach();
    if (*previous == NULL) {
        return 0;
    }
    PyEval_RestoreThread(*previous); /* only who is attached can ask */
    if (pyshim_core_interpreter() == interpreter) {
        return 1;
    }
    *previous = PyEval_SaveThread();
    return 0;
}

/* Attaches a thread that is detached. What ends the stay, or NULL when there is no memory. */
static void *pyshim_core_enter(const pyshim_interpreter_guard *guard)
{
    PyThreadState *state;
    if (pyshim_core_has_guards()) {
        return pyshim_core_get()->natives.pythreadstate_ensure(guard->handle);
    }
    state = PyThreadState_New(((const pyshim_core_home *)guard->handle)->interpreter);
    pyshim_core_attach(state);
    return state;
}

/* And detaches it. */
static void pyshim_core_leave(void *token)
{
    PyThreadState *state = (PyThreadState *)token;
    if (pyshim_core_has_guards()) {
        pyshim_core_get()->natives.pythreadstate_release(token);
        return;
    }
    PyThreadState_Clear(state);
    PyEval_SaveThread();
    PyThreadState_Delete(state);
}

/* Enters from being detached, and remembers what is to be attached afterwards. 0 when there is no
 * memory, and then the thread is detached still. */
static int pyshim_core_enter_from(pyshim_thread_entry *entry, PyThreadState *previous,
                                  const pyshim_interpreter_guard *guard)
{
    entry->token = pyshim_core_enter(guard);
    if (entry->token == NULL) {
        return 0;
    }
    entry->previous = previous;
    return 1;
}

/* Attaches the thread, from wherever. 0 when there is no memory, and then it is detached from
 * `previous`.
 *
 * CPython's own function would remember where the thread was, and attach it there again while the guard
 * is still held. So the thread comes detached. */
static int pyshim_core_ensure(pyshim_thread_entry *entry, PyThreadState **previous,
                              const pyshim_interpreter_guard *guard)
{
    if (pyshim_core_has_guards()) {
        *previous = pyshim_core_detach();
    } else if (pyshim_core_is_there(((const pyshim_core_home *)guard->handle)->interpreter,
                                    previous)) {
        return 1; /* with nothing to release */
    }
    return pyshim_core_enter_from(entry, *previous, guard);
}

int pyshim_thread_ensure(pyshim_thread_entry *entry, const pyshim_interpreter_guard *guard)
{
    PyThreadState *previous;
    memset(entry, 0, sizeof(*entry));
    if (!pyshim_core_ensure(entry, &previous, guard)) {
        pyshim_core_attach(previous);
        return 0;
    }
    return 1;
}

int pyshim_thread_ensure_from_view(pyshim_thread_entry *entry,
                                   const pyshim_interpreter_view *view)
{
    pyshim_interpreter_guard guard;
    PyThreadState *previous;
    memset(entry, 0, sizeof(*entry));
    if (!pyshim_interpreter_guard_from_view(&guard, view)) {
        return 0;
    }
    if (!pyshim_core_ensure(entry, &previous, &guard)) {
        pyshim_interpreter_guard_close(&guard);
        pyshim_core_attach(previous);
        return 0;
    }
    entry->guard = guard.handle;
    entry->epoch = guard.epoch;
    return 1;
}

/* The guard is closed where the thread is in neither interpreter: it no longer needs the one, and in
 * the other, should that be ending, CPython may stop it for good. */
void pyshim_thread_release(pyshim_thread_entry *entry)
{
    void *token = entry->token;
    PyThreadState *previous = (PyThreadState *)entry->previous;
    pyshim_interpreter_guard guard;
    memset(&guard, 0, sizeof(guard));
    guard.handle = entry->guard;
    guard.epoch = entry->epoch;
    memset(entry, 0, sizeof(*entry));
    if (token != NULL) {
        pyshim_core_leave(token);
    }
    pyshim_interpreter_guard_close(&guard);
    pyshim_core_attach(previous);
}
