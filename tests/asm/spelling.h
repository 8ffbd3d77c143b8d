/* One function, spelled in CPython's words, in pyshim's, or without the thing itself. What is
 * compiled is the same but for these names, so what differs in the assembly is what they cost. */
#ifndef SPELLING_H
#define SPELLING_H

#if defined(SPELLING_PYSHIM)
#include "pyshim.h"
#define BEGIN(op) PYSHIM_BEGIN_CRITICAL_SECTION(op)
#define END() PYSHIM_END_CRITICAL_SECTION()
#define BEGIN2(a, b) PYSHIM_BEGIN_CRITICAL_SECTION2(a, b)
#define END2() PYSHIM_END_CRITICAL_SECTION2()
#define TRY_INCREF(op) pyshim_try_incref(op)
#define ENABLE_TRY_INCREF(op) pyshim_enable_try_incref(op)
#define MUTEX pyshim_mutex
#define LOCK(m) pyshim_mutex_lock(m)
#define UNLOCK(m) pyshim_mutex_unlock(m)
#define CELL pyshim_atomic_ref
#define CELL_LOAD(cell) pyshim_atomic_ref_load(cell)
#define CELL_STORE(cell, op) pyshim_atomic_ref_store(cell, op)
#define REF pyshim_stack_ref
#define REF_NEW(op) pyshim_stack_ref_from_object_new(op)
#define REF_DUP(ref) pyshim_stack_ref_dup(ref)
#define REF_STEAL(ref) pyshim_stack_ref_as_object_steal(ref)
#define REF_BORROW(ref) pyshim_stack_borrow_as_object(pyshim_stack_ref_borrow(ref))
#define REF_CLOSE(ref) pyshim_stack_ref_close(ref)
#define REF_XCLOSE(ref) pyshim_stack_ref_xclose(ref)
#define REF_CLEAR(ref) pyshim_stack_ref_clear(ref)
#define FRAME pyshim_stack_ref_frame
#define FRAME_PUSH(frame) pyshim_stack_ref_frame_push(frame)
#define FRAME_POP(frame, ref) pyshim_stack_ref_frame_pop(frame, ref)

#elif defined(SPELLING_NOTHING)
#include <Python.h>
#define BEGIN(op) (void)(op)
#define END() (void)0
#define BEGIN2(a, b) (void)(a), (void)(b)
#define END2() (void)0
#define ENABLE_TRY_INCREF(op) (void)(op)

#elif defined(SPELLING_CPYTHON)
#include <patchlevel.h> /* PY_VERSION_HEX, which decides how Python.h is included */
#include <pyconfig.h>   /* Py_GIL_DISABLED, likewise */
#if PY_VERSION_HEX >= 0x030E0000
#include <Python.h>
#define TRY_INCREF(op) PyUnstable_TryIncRef(op)
#define ENABLE_TRY_INCREF(op) PyUnstable_EnableTryIncRef(op)
#elif defined(Py_GIL_DISABLED)
#define Py_BUILD_CORE 1 /* 3.13t has these two, but not for others */
#include <Python.h>
#include <internal/pycore_object.h>
#define TRY_INCREF(op) _Py_TryIncref(op)
#define ENABLE_TRY_INCREF(op) _PyObject_SetMaybeWeakref(op)
#else
#include <Python.h>
static inline int try_incref_by_count(PyObject *op)
{
    if (Py_REFCNT(op) > 0) {
        Py_INCREF(op);
        return 1;
    }
    return 0;
}
#define TRY_INCREF(op) try_incref_by_count(op)
#endif
#define BEGIN(op) Py_BEGIN_CRITICAL_SECTION(op)
#define END() Py_END_CRITICAL_SECTION()
#define BEGIN2(a, b) Py_BEGIN_CRITICAL_SECTION2(a, b)
#define END2() Py_END_CRITICAL_SECTION2()

#define MUTEX PyMutex
#define LOCK(m) PyMutex_Lock(m)
#define UNLOCK(m) PyMutex_Unlock(m)

/* A cell as extensions write it where the GIL protects it. */
struct cell {
    PyObject *value;
    void *reserved;
};
#define CELL struct cell
static inline PyObject *cell_load(struct cell *cell)
{
    PyObject *value = cell->value;
    Py_XINCREF(value);
    return value;
}
#define CELL_LOAD(cell) cell_load(cell)
static inline void cell_store(struct cell *cell, PyObject *op)
{
    PyObject *old = cell->value;
    Py_XINCREF(op);
    cell->value = op;
    Py_XDECREF(old);
}
#define CELL_STORE(cell, op) cell_store(cell, op)

/* References as extensions count them. */
typedef PyObject *counted;
#define REF counted
static inline PyObject *ref_new(PyObject *op)
{
    Py_INCREF(op);
    return op;
}
#define REF_NEW(op) ref_new(op)
#define REF_DUP(ref) ref_new(ref)
#define REF_STEAL(ref) (ref)
#define REF_BORROW(ref) (ref)
#define REF_CLOSE(ref) Py_DECREF(ref)
#define REF_XCLOSE(ref) Py_XDECREF(ref)
#define REF_CLEAR(ref) Py_CLEAR(*(ref))
#define FRAME int
#define FRAME_PUSH(frame) (void)(frame)
#define FRAME_POP(frame, ref) (ref)
#endif

#endif
