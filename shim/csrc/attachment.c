/* SPDX-License-Identifier: 0BSD */
/* Gives up the calling thread's thread state while it waits, if it has one attached.
 *
 * Since 3.13 the function that replaces the thread state gives up the GIL too, and says what was
 * attached. Before, one has to ask whether the thread is attached, which no function of the limited
 * API tells: until 3.11 CPython knows only which thread state has the GIL, and not whose that is. */

/* `_PyThreadState_UncheckedGet` and `PyGILState_Check`, or PYSHIM_EARLY_NONE from 3.13 on. */
static uintptr_t pyshim_core_state_get = PYSHIM_EARLY_UNKNOWN;
static uintptr_t pyshim_core_state_check = PYSHIM_EARLY_UNKNOWN;

/* Instead of the second where the first speaks of the calling thread, and nothing else has to be asked. */
#define PYSHIM_CORE_STATE_IS_MINE ((uintptr_t)2)

/* Before initialisation nobody knows the build, and none of this depends on it. */
#define PYSHIM_CORE_ANY_BUILD (PYSHIM_RUNTIME_GIL | PYSHIM_RUNTIME_FT)

/* Where a thread state has the id of its thread, in bytes and 1 added; 0 when nobody knows. */
static uintptr_t pyshim_core_state_id_at = 0;

/* The first so many bytes of a thread state are searched for the id; all have more. */
#define PYSHIM_CORE_STATE_SEARCHED (32 * sizeof(void *))

static uintptr_t pyshim_core_find_state_check(void)
{
    return pyshim_core_state_in_use_is_the_callers(pyshim_core_early_version(),
                                                   PYSHIM_CORE_ANY_BUILD)
               ? PYSHIM_CORE_STATE_IS_MINE
               : pyshim_core_early_find("PyGILState_Check");
}

static int pyshim_core_has_to_ask(void)
{
    uintptr_t get = pyshim_atomic_load_word(&pyshim_core_state_get, PYSHIM_ORDER_EARLY_GET);
    if (get == PYSHIM_EARLY_UNKNOWN) {
        uintptr_t check = pyshim_core_find_state_check();
        get = pyshim_core_early_find("_PyThreadState_UncheckedGet");
        if (check == PYSHIM_EARLY_NONE) {
            get = PYSHIM_EARLY_NONE;
        }
        /* Any thread that finds the first word finds the second, or asks for it itself. */
        pyshim_atomic_store_word(&pyshim_core_state_check, check, PYSHIM_ORDER_EARLY_SET);
        pyshim_atomic_store_word(&pyshim_core_state_get, get, PYSHIM_ORDER_EARLY_SET);
    }
    return get != PYSHIM_EARLY_NONE;
}

static PyThreadState *pyshim_core_state_in_use(void)
{
    uintptr_t get = pyshim_atomic_load_word(&pyshim_core_state_get, PYSHIM_ORDER_EARLY_GET);
    return ((PyThreadState * (*)(void)) get)();
}

static uintptr_t pyshim_core_state_checked_by(void)
{
    uintptr_t check = pyshim_atomic_load_word(&pyshim_core_state_check, PYSHIM_ORDER_EARLY_GET);
    return check != PYSHIM_EARLY_UNKNOWN ? check : pyshim_core_find_state_check();
}

/* Called attached, when a module is initialised: finds where thread states have the thread's id. */
static void pyshim_core_note_thread_state(void)
{
    const char *state = (const char *)PyThreadState_Get();
    const unsigned long id = PyThread_get_thread_ident();
    uintptr_t at = 0;
    size_t i;
    if (!pyshim_core_has_to_ask()
        || pyshim_core_state_checked_by() == PYSHIM_CORE_STATE_IS_MINE) {
        return;
    }
    for (i = 0; i < PYSHIM_CORE_STATE_SEARCHED; i += sizeof(id)) {
        if (memcmp(state + i, &id, sizeof(id)) == 0) {
            if (at != 0) {
                return; /* two words look like it; another thread may be luckier */
            }
            at = i + 1;
        }
    }
    pyshim_atomic_store_word(&pyshim_core_state_id_at, at, PYSHIM_ORDER_EARLY_SET);
}

/* Whether a thread state that may be any thread's has the id of this one. That thread may end at
 * this moment, and then freed memory is read, whatever it holds; only a process that has had a second
 * interpreter comes here, before 3.12, with a thread that switched interpreters or has none. */
static int pyshim_core_state_has_my_id(const PyThreadState *state)
{
    uintptr_t at = pyshim_atomic_load_word(&pyshim_core_state_id_at, PYSHIM_ORDER_EARLY_GET);
    unsigned long id;
    if (at == 0) {
        return 0;
    }
    memcpy(&id, (const char *)(const void *)state + at - 1, sizeof(id));
    return id == PyThread_get_thread_ident();
}

static int pyshim_core_is_attached(void)
{
    const uintptr_t check = pyshim_core_state_checked_by();
    const PyThreadState *state;
    if (check != PYSHIM_CORE_STATE_IS_MINE && !((int (*)(void))check)()) {
        return 0; /* which is certain; a yes is not, where there was a second interpreter */
    }
    state = pyshim_core_state_in_use();
    return state != NULL
           && (check == PYSHIM_CORE_STATE_IS_MINE || state == PyGILState_GetThisThreadState()
               || pyshim_core_state_has_my_id(state));
}

/* Whether the function that replaces the thread state is known to give up the GIL. One that does not
 * export its version does so if it exports sections, which came with that. */
static int pyshim_core_swap_is_known(void)
{
    return pyshim_core_swap_detaches(pyshim_core_early_version(), PYSHIM_CORE_ANY_BUILD)
           || pyshim_core_find("PyCriticalSection_Begin") != NULL;
}

/* Detaches, and returns what has to be attached again; NULL when nothing was attached, or nobody
 * says whether something is. */
static PyThreadState *pyshim_core_detach(void)
{
    if (pyshim_core_has_to_ask()) {
        return pyshim_core_is_attached() ? PyEval_SaveThread() : NULL;
    }
    return pyshim_core_swap_is_known() ? PyThreadState_Swap(NULL) : NULL;
}

/* Attaches again. While Python ends, CPython may end or stop the thread here. */
static void pyshim_core_attach(PyThreadState *state)
{
    if (state != NULL) {
        PyEval_RestoreThread(state);
    }
}
