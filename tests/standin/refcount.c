/* Reference counts: CPython's own protocol of each version, for extensions with inlined
   Py_INCREF read and write the same fields. */
#include "standin.h"
#include <string.h> /* memset */

intptr_t standin_live_objects;

#define RELAXED __ATOMIC_RELAXED
#define ACQUIRE __ATOMIC_ACQUIRE
#define SEQ_CST __ATOMIC_SEQ_CST

uintptr_t standin_thread_id(void)
{
    uintptr_t id;
#if defined(__x86_64__)
    __asm__("movq %%fs:0, %0" : "=r"(id));
#elif defined(__aarch64__)
    __asm__("mrs %0, tpidr_el0" : "=r"(id));
#else
    id = (uintptr_t)&standin_tstate;
#endif
    return id;
}

void _Py_Dealloc(PyObject *op)
{
    PyTypeObject *type = op->ob_type;
    if (type == NULL || type->tp_dealloc == NULL) {
        _Py_FatalErrorFunc("_Py_Dealloc", "the object has no type that could deallocate it");
    }
    __atomic_sub_fetch(&standin_live_objects, 1, RELAXED);
    type->tp_dealloc(op);
}

/* A fresh count of one, owned by this thread. */
void _Py_NewReference(PyObject *op)
{
    PyTypeObject *type = op->ob_type;
    __atomic_add_fetch(&standin_live_objects, 1, RELAXED);
    memset(op, 0, sizeof(*op));
    op->ob_type = type;
#ifdef STANDIN_FT
    op->ob_tid = standin_thread_id();
    op->ob_ref_local = 1;
#else
    op->ob_refcnt = 1;
#endif
}

void standin_init_object(PyObject *op, PyTypeObject *type)
{
    op->ob_type = type;
    _Py_NewReference(op);
    if (type->tp_flags & TPFLAGS_HEAPTYPE) {
        Py_IncRef((PyObject *)type);
    }
}

/* The head of a static object, which is immortal where the version knows immortality. */
void standin_init_static(PyObject *op, PyTypeObject *type)
{
    op->ob_type = type;
#ifdef STANDIN_FT
    op->ob_ref_local = UINT32_MAX;
    op->ob_flags = standin.minor >= 14 ? 4 : 0;
#else
    if (standin.minor >= 14) {
        op->ob_refcnt = (Py_ssize_t)0x0005 << 48 | 3LL << 30;
    } else if (standin.minor >= 12) {
        op->ob_refcnt = UINT32_MAX;
    } else {
        op->ob_refcnt = 1000; /* as many as a None has soon after the start */
    }
#endif
}

#ifdef STANDIN_FT

enum { SHIFT = 2, FLAGS = 3, MAYBE_WEAKREF = 1, QUEUED = 2, MERGED = 3 };

static bool owned(PyObject *op)
{
    return __atomic_load_n(&op->ob_tid, RELAXED) == standin_thread_id();
}
static uint32_t local_count(PyObject *op)
{
    return __atomic_load_n(&op->ob_ref_local, RELAXED);
}
static void set_local_count(PyObject *op, uint32_t n)
{
    __atomic_store_n(&op->ob_ref_local, n, RELAXED);
}
static bool swap_shared(PyObject *op, Py_ssize_t *expected, Py_ssize_t desired)
{
    return __atomic_compare_exchange_n(&op->ob_ref_shared, expected, desired, false, SEQ_CST,
                                       SEQ_CST);
}

static void incref(PyObject *op)
{
    uint32_t local = local_count(op);
    if (local == UINT32_MAX) {
        return;
    }
    if (owned(op)) {
        set_local_count(op, local + 1);
    } else {
        __atomic_add_fetch(&op->ob_ref_shared, 1 << SHIFT, RELAXED);
    }
}

/* The owner let go of its last local reference: what the other threads hold decides. */
void _Py_MergeZeroLocalRefcount(PyObject *op)
{
    Py_ssize_t shared = __atomic_load_n(&op->ob_ref_shared, ACQUIRE), merged;
    if (shared == 0) {
        _Py_Dealloc(op);
        return;
    }
    __atomic_store_n(&op->ob_tid, 0, RELAXED);
    do {
        merged = (shared & ~(Py_ssize_t)FLAGS) | MERGED;
    } while (!swap_shared(op, &shared, merged));
    if (merged == MERGED) {
        _Py_Dealloc(op);
    }
}

Py_ssize_t standin_merge_refcount(PyObject *op, Py_ssize_t extra)
{
    Py_ssize_t local = local_count(op);
    set_local_count(op, 0);
    __atomic_store_n(&op->ob_tid, 0, RELAXED);
    Py_ssize_t shared = __atomic_load_n(&op->ob_ref_shared, RELAXED), n;
    do {
        n = (shared >> SHIFT) + local + extra;
    } while (!swap_shared(op, &shared, n * (1 << SHIFT) | MERGED));
    return n;
}

void _Py_DecRefShared(PyObject *op)
{
    Py_ssize_t shared = __atomic_load_n(&op->ob_ref_shared, RELAXED), after;
    bool queue;
    do {
        queue = shared == 0 || shared == MAYBE_WEAKREF;
        after = queue ? QUEUED : shared - (1 << SHIFT);
    } while (!swap_shared(op, &shared, after));
    if (queue) {
        standin_queue_for_owner(op);
    } else if (after == MERGED) {
        _Py_Dealloc(op);
    }
}

void _Py_DecRefSharedDebug(PyObject *op, UNUSED const char *file, UNUSED int line)
{
    _Py_DecRefShared(op);
}

uintptr_t _Py_GetThreadLocal_Addr(void)
{
    return standin_thread_id();
}

static void decref(PyObject *op)
{
    uint32_t local = local_count(op);
    if (local == UINT32_MAX) {
        return;
    }
    if (!owned(op)) {
        _Py_DecRefShared(op);
        return;
    }
    set_local_count(op, local - 1);
    if (local == 1) {
        _Py_MergeZeroLocalRefcount(op);
    }
}

Py_ssize_t Py_REFCNT(PyObject *op)
{
    uint32_t local = local_count(op);
    if (local == UINT32_MAX) {
        return standin.minor >= 14 ? 3LL << 30 : (Py_ssize_t)UINT32_MAX;
    }
    return (Py_ssize_t)local + (__atomic_load_n(&op->ob_ref_shared, RELAXED) >> SHIFT);
}

int PyUnstable_TryIncRef(PyObject *op)
{
    uint32_t local = local_count(op);
    if (local == UINT32_MAX) {
        return 1;
    }
    if (owned(op)) {
        set_local_count(op, local + 1);
        return 1;
    }
    Py_ssize_t shared = __atomic_load_n(&op->ob_ref_shared, RELAXED);
    do {
        if (shared == 0 || shared == MERGED) {
            return 0;
        }
    } while (!swap_shared(op, &shared, shared + (1 << SHIFT)));
    return 1;
}

void PyUnstable_EnableTryIncRef(PyObject *op)
{
    if (local_count(op) == UINT32_MAX) {
        return;
    }
    Py_ssize_t shared = __atomic_load_n(&op->ob_ref_shared, RELAXED);
    while ((shared & FLAGS) == 0 && !swap_shared(op, &shared, shared | MAYBE_WEAKREF)) {
    }
}

int PyUnstable_IsImmortal(PyObject *op)
{
    return local_count(op) == UINT32_MAX;
}

int PyUnstable_Object_IsUniquelyReferenced(PyObject *op)
{
    return owned(op) && local_count(op) == 1 && __atomic_load_n(&op->ob_ref_shared, RELAXED) == 0;
}

#else

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
enum { LOW = 1 };
#else
enum { LOW = 0 };
#endif

static void incref(PyObject *op)
{
    uint32_t low = op->ob_refcnt_split[LOW];
    if (standin.minor < 12) {
        op->ob_refcnt++;
    } else if (low < (standin.minor >= 14 ? (uint32_t)3 << 30 : UINT32_MAX)) {
        op->ob_refcnt_split[LOW] = low + 1;
    }
}

static void decref(PyObject *op)
{
    uint32_t low = op->ob_refcnt_split[LOW];
    if (standin.minor < 12) {
        if (--op->ob_refcnt == 0) {
            _Py_Dealloc(op);
        }
    } else if ((int32_t)low >= 0) {
        op->ob_refcnt_split[LOW] = low - 1;
        if (low == 1) {
            _Py_Dealloc(op);
        }
    }
}

/* 3.14 narrowed the count to 32 bits; above them are the overflow and the flags. */
Py_ssize_t Py_REFCNT(PyObject *op)
{
    return standin.minor >= 14 ? (Py_ssize_t)op->ob_refcnt_split[LOW] : op->ob_refcnt;
}

int PyUnstable_TryIncRef(PyObject *op)
{
    if (Py_REFCNT(op) <= 0) {
        return 0;
    }
    incref(op);
    return 1;
}

void PyUnstable_EnableTryIncRef(UNUSED PyObject *op)
{
}

int PyUnstable_IsImmortal(PyObject *op)
{
    return standin.minor >= 12 && (int32_t)op->ob_refcnt_split[LOW] < 0;
}

int PyUnstable_Object_IsUniquelyReferenced(PyObject *op)
{
    return Py_REFCNT(op) == 1;
}

#endif

void Py_IncRef(PyObject *op)
{
    if (op != NULL) {
        incref(op);
    }
}
void Py_DecRef(PyObject *op)
{
    if (op != NULL) {
        decref(op);
    }
}
void _Py_IncRef(PyObject *op)
{
    incref(op);
}
void _Py_DecRef(PyObject *op)
{
    decref(op);
}
PyObject *Py_NewRef(PyObject *op)
{
    return standin_new_ref(op);
}
PyObject *Py_XNewRef(PyObject *op)
{
    return standin_new_ref(op);
}
