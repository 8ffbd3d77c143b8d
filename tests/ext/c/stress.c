/* Objects that die under the hands of those who want a reference to them.
 *
 * Three kinds of memory, for what a reader may touch after an object's death depends on it: an own
 * mapping that is gone at once, a freelist that hands the memory out again as something else, and
 * CPython's allocator. Every object carries a mark that is wiped when it dies; whoever gets a
 * reference checks it. */
#include "pyshim.h"

#include <stdint.h>
#include <string.h>   /* memset */
#include <sys/mman.h> /* mmap, munmap */

#define MARK 0x5AFE0B1EC7u
#define MAPPING 4096
#define FREELIST 64

typedef struct victim {
    PyObject_HEAD
    unsigned long long mark;
} victim;

static long long created, destroyed, wrong;

static void add(long long *counter, long long n)
{
    __atomic_fetch_add(counter, n, __ATOMIC_RELAXED);
}

/* The registry: a pointer without a reference, as a weak cache has it. It and the freelist are
 * guarded by sections on one object. */
static PyObject *lock;
static PyObject *registered;
static void *freelist[FREELIST];
static int freelist_length;

static PyObject *alloc_mapped(PyTypeObject *type, Py_ssize_t items)
{
    void *memory =
        mmap(NULL, MAPPING, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    (void)items;
    return memory != MAP_FAILED ? PyObject_Init((PyObject *)memory, type) : PyErr_NoMemory();
}

static void free_mapped(void *memory)
{
    munmap(memory, MAPPING);
}

static PyObject *alloc_listed(PyTypeObject *type, Py_ssize_t items)
{
    void *memory = NULL;
    (void)items;
    PYSHIM_BEGIN_CRITICAL_SECTION(lock)
    if (freelist_length > 0) {
        memory = freelist[--freelist_length];
    }
    PYSHIM_END_CRITICAL_SECTION()
    if (memory == NULL) {
        memory = PyMem_RawMalloc(sizeof(victim));
    }
    if (memory == NULL) {
        return PyErr_NoMemory();
    }
    memset(memory, 0, sizeof(victim));
    return PyObject_Init((PyObject *)memory, type);
}

static void free_listed(void *memory)
{
    int kept = 0;
    memset(memory, 0xDD, sizeof(victim)); /* a count read now is nonsense */
    PYSHIM_BEGIN_CRITICAL_SECTION(lock)
    if (freelist_length < FREELIST) {
        freelist[freelist_length++] = memory;
        kept = 1;
    }
    PYSHIM_END_CRITICAL_SECTION()
    if (!kept) {
        PyMem_RawFree(memory);
    }
}

static void victim_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PYSHIM_BEGIN_CRITICAL_SECTION(lock)
    if (registered == self) {
        registered = NULL;
    }
    PYSHIM_END_CRITICAL_SECTION()
    ((victim *)self)->mark = 0;
    add(&destroyed, 1);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyType_Slot plain_slots[] = {
    {Py_tp_dealloc, (void *)victim_dealloc},
    {0, NULL},
};
static PyType_Slot mapped_slots[] = {
    {Py_tp_dealloc, (void *)victim_dealloc},
    {Py_tp_alloc, (void *)alloc_mapped},
    {Py_tp_free, (void *)free_mapped},
    {0, NULL},
};
static PyType_Slot listed_slots[] = {
    {Py_tp_dealloc, (void *)victim_dealloc},
    {Py_tp_alloc, (void *)alloc_listed},
    {Py_tp_free, (void *)free_listed},
    {0, NULL},
};
static PyType_Spec specs[] = {
    {"stress.Plain", sizeof(victim), 0, Py_TPFLAGS_DEFAULT, plain_slots},
    {"stress.Mapped", sizeof(victim), 0, Py_TPFLAGS_DEFAULT, mapped_slots},
    {"stress.Listed", sizeof(victim), 0, Py_TPFLAGS_DEFAULT, listed_slots},
};
static PyTypeObject *types[3];

static PyObject *new_victim(int kind)
{
    PyObject *self = types[kind]->tp_alloc(types[kind], 0);
    if (self != NULL) {
        ((victim *)self)->mark = MARK;
        add(&created, 1);
    }
    return self;
}

/* Checks that a reference leads to something alive, and gives the reference back. */
static void use(PyObject *self)
{
    if (((volatile victim *)self)->mark != MARK) {
        add(&wrong, 1);
    }
    Py_DECREF(self);
}

static pyshim_atomic_ref cell;

/* Replaces the cell's value n times, by store, swap and compare-exchange in turn. */
static PyObject *replace(PyObject *module, PyObject *args)
{
    int kind, n, i;
    (void)module;
    if (!PyArg_ParseTuple(args, "ii", &kind, &n)) {
        return NULL;
    }
    for (i = 0; i < n; i++) {
        PyObject *fresh = new_victim(kind);
        PyObject *old;
        if (fresh == NULL) {
            return NULL;
        }
        switch (i % 3) {
        case 0:
            pyshim_atomic_ref_store(&cell, fresh);
            break;
        case 1:
            old = pyshim_atomic_ref_swap(&cell, fresh);
            if (old != NULL) {
                use(old);
            }
            break;
        default:
            old = pyshim_atomic_ref_load(&cell);
            pyshim_atomic_ref_compare_exchange(&cell, old, fresh);
            if (old != NULL) {
                use(old);
            }
        }
        Py_DECREF(fresh);
    }
    Py_RETURN_NONE;
}

/* Loads n times; how often there was something. */
static PyObject *load(PyObject *module, PyObject *args)
{
    int n, i;
    long seen = 0;
    (void)module;
    if (!PyArg_ParseTuple(args, "i", &n)) {
        return NULL;
    }
    for (i = 0; i < n; i++) {
        PyObject *found = pyshim_atomic_ref_load(&cell);
        if (found != NULL) {
            seen++;
            use(found);
        }
    }
    return PyLong_FromLong(seen);
}

/* Registers n objects and drops the last reference to each. */
static PyObject *publish(PyObject *module, PyObject *args)
{
    int kind, n, i;
    volatile int wait;
    (void)module;
    if (!PyArg_ParseTuple(args, "ii", &kind, &n)) {
        return NULL;
    }
    for (i = 0; i < n; i++) {
        PyObject *fresh = new_victim(kind);
        if (fresh == NULL) {
            return NULL;
        }
        pyshim_enable_try_incref(fresh);
        PYSHIM_BEGIN_CRITICAL_SECTION(lock)
        registered = fresh;
        PYSHIM_END_CRITICAL_SECTION()
        /* Some die at once and some are there for a while, so that tries meet both. */
        for (wait = i % 4 * 200; wait > 0; wait--) {
        }
        Py_DECREF(fresh);
    }
    Py_RETURN_NONE;
}

/* Tries n times to get what is registered: how often it succeeded, and how often it came too late
 * for an object that was still registered. */
static PyObject *try_registered(PyObject *module, PyObject *args)
{
    int n, i;
    long taken = 0, late = 0;
    (void)module;
    if (!PyArg_ParseTuple(args, "i", &n)) {
        return NULL;
    }
    for (i = 0; i < n; i++) {
        PyObject *found = NULL;
        PYSHIM_BEGIN_CRITICAL_SECTION(lock)
        if (registered != NULL) {
            if (pyshim_try_incref(registered)) {
                found = registered;
            } else {
                late++;
            }
        }
        PYSHIM_END_CRITICAL_SECTION()
        if (found != NULL) {
            taken++;
            use(found);
        }
    }
    return Py_BuildValue("ll", taken, late);
}

static PyObject *empty(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    pyshim_atomic_ref_store(&cell, NULL);
    Py_RETURN_NONE;
}

/* Created, destroyed, and found dead by those who had a reference. */
static PyObject *counts(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return Py_BuildValue("LLL", created, destroyed, wrong);
}

static PyMethodDef methods[] = {
    {"replace", replace, METH_VARARGS, NULL},
    {"load", load, METH_VARARGS, NULL},
    {"publish", publish, METH_VARARGS, NULL},
    {"try_registered", try_registered, METH_VARARGS, NULL},
    {"empty", empty, METH_NOARGS, NULL},
    {"counts", counts, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static int exec(PyObject *module)
{
    int i;
    (void)module;
    lock = PyList_New(0);
    for (i = 0; lock != NULL && i < 3; i++) {
        types[i] = (PyTypeObject *)PyType_FromSpec(&specs[i]);
        if (types[i] == NULL) {
            return -1;
        }
    }
    return lock != NULL ? 0 : -1;
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)exec},
    {PYSHIM_MOD_GIL_SLOT, PYSHIM_MOD_GIL_VALUE(PYSHIM_MOD_GIL_SECTIONS)},
    {0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "stress", NULL, 0, methods, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_stress(void)
{
    return pyshim_module_init(&definition);
}
