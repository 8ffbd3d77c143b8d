/* A cache that any number of threads read without waiting for each other.
 *
 * Keys are texts. A cache has a fixed number of places in sets of four, and a key belongs into one
 * set, by its hash. A place holds an entry, which is a tuple (key, value) and never changes.
 *
 * Reading takes no lock: a place is an atomic reference. Writing locks the cache by a critical
 * section, so that a key does not get two places. How many places there may be in all, in every
 * interpreter of the process, is kept under a mutex.
 */
#define PY_SSIZE_T_CLEAN
#define PYSHIM_NEEDS (PYSHIM_NEEDS_CRITICAL_SECTION | PYSHIM_NEEDS_ATOMIC_REF)
#include "pyshim.h"

#include <stdlib.h> /* calloc, free */

/* -- The budget ----------------------------------------------------------------------------- */

#define BUDGET ((size_t)1 << 20)

/* Interpreters with a GIL of their own share these, so neither a GIL nor a section protects them,
 * for a section is over an object, and objects belong to one interpreter. */
static pyshim_mutex budget_mutex;
static size_t budget_left = BUDGET;

static int take_places(size_t n)
{
    int enough;
    pyshim_mutex_lock(&budget_mutex);
    enough = n <= budget_left;
    if (enough) {
        budget_left -= n;
    }
    pyshim_mutex_unlock(&budget_mutex);
    return enough;
}

static void give_places_back(size_t n)
{
    pyshim_mutex_lock(&budget_mutex);
    budget_left += n;
    pyshim_mutex_unlock(&budget_mutex);
}

static PyObject *places_left(PyObject *module, PyObject *unused)
{
    size_t left;
    (void)module;
    (void)unused;
    pyshim_mutex_lock(&budget_mutex);
    left = budget_left;
    pyshim_mutex_unlock(&budget_mutex);
    return PyLong_FromSize_t(left);
}

/* -- The object ----------------------------------------------------------------------------- */

#define WAYS 4

typedef struct {
    pyshim_atomic_ref *places; /* each empty, or with an entry; the array stays as it is */
    size_t n_sets;             /* a power of two */
    size_t next_victim;        /* under a section over the cache */
} cache;

/* What is ours of an object lies behind what is CPython's. In abi3t only CPython knows where. */
#ifdef Py_TARGET_ABI3T
#define CACHE_SIZE (-(int)sizeof(cache))
static cache *cache_of(PyObject *self)
{
    return (cache *)PyObject_GetTypeData(self, Py_TYPE(self));
}
#else
#define CACHE_SIZE ((int)(sizeof(PyObject) + sizeof(cache)))
static cache *cache_of(PyObject *self)
{
    return (cache *)(self + 1);
}
#endif

static size_t n_places(const cache *c)
{
    return c->n_sets * WAYS;
}

/* Cache(size): room for at least that many entries. */
static PyObject *cache_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"size", NULL};
    Py_ssize_t size;
    PyObject *self;
    cache *c;
    size_t n_sets = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "n", keywords, &size)) {
        return NULL;
    }
    if (size < 1 || (size_t)size > BUDGET) {
        PyErr_Format(PyExc_ValueError, "size is %zd, and not from 1 to %zu", size, BUDGET);
        return NULL;
    }
    while (n_sets * WAYS < (size_t)size) {
        n_sets *= 2;
    }
    if (!take_places(n_sets * WAYS)) {
        PyErr_Format(PyExc_MemoryError, "%zu places are wanted, and fewer are left",
                     n_sets * WAYS);
        return NULL;
    }
    self = PyType_GenericAlloc(type, 0); /* all zero */
    if (self == NULL) {
        give_places_back(n_sets * WAYS);
        return NULL;
    }
    c = cache_of(self);
    c->n_sets = n_sets;
    c->places = (pyshim_atomic_ref *)calloc(n_places(c), sizeof(pyshim_atomic_ref));
    if (c->places == NULL) {
        Py_DECREF(self);
        return PyErr_NoMemory();
    }
    return self;
}

/* No other thread gets at a cache that is garbage. */
static int cache_clear(PyObject *self)
{
    cache *c = cache_of(self);
    size_t i;
    for (i = 0; c->places != NULL && i < n_places(c); i++) {
        pyshim_atomic_ref_store(&c->places[i], NULL);
    }
    return 0;
}

static int cache_traverse(PyObject *self, visitproc visit, void *arg)
{
    cache *c = cache_of(self);
    size_t i;
    for (i = 0; c->places != NULL && i < n_places(c); i++) {
        Py_VISIT(pyshim_atomic_ref_peek(&c->places[i]));
    }
#if PY_VERSION_HEX >= 0x03090000
    Py_VISIT(Py_TYPE(self));
#endif
    return 0;
}

static void cache_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    cache *c = cache_of(self);
    PyObject_GC_UnTrack(self);
    cache_clear(self);
    free(c->places);
    give_places_back(n_places(c));
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

/* -- Reading -------------------------------------------------------------------------------- */

/* The first of the places that a key may have, or NULL with an exception. */
static pyshim_atomic_ref *set_of(cache *c, PyObject *key)
{
    Py_hash_t hash;
    if (!PyUnicode_CheckExact(key)) {
        PyErr_SetString(PyExc_TypeError, "a key is a str");
        return NULL;
    }
    hash = PyObject_Hash(key);
    if (hash == -1) {
        return NULL;
    }
    return &c->places[((size_t)hash & (c->n_sets - 1)) * WAYS];
}

/* Whether an entry is a key's. Comparing texts runs no code of anybody else's. */
static int is_of(PyObject *entry, PyObject *key)
{
    return PyUnicode_Compare(PyTuple_GetItem(entry, 0), key) == 0;
}

/* get(key, default=None): takes no lock. */
static PyObject *cache_get(PyObject *self, PyObject *args)
{
    PyObject *key, *value = Py_None;
    pyshim_atomic_ref *set;
    int way;
    if (!PyArg_ParseTuple(args, "O|O", &key, &value)) {
        return NULL;
    }
    set = set_of(cache_of(self), key);
    if (set == NULL) {
        return NULL;
    }
    Py_INCREF(value);
    for (way = 0; way < WAYS; way++) {
        /* Ours, whatever becomes of the place. */
        PyObject *entry = pyshim_atomic_ref_load(&set[way]);
        int found = entry != NULL && is_of(entry, key);
        if (found) {
            Py_DECREF(value);
            value = PyTuple_GetItem(entry, 1);
            Py_INCREF(value);
        }
        Py_XDECREF(entry);
        if (found) {
            break;
        }
    }
    return value;
}

/* items(): a list of entries, each of which was there at some moment of the call. */
static PyObject *cache_items(PyObject *self, PyObject *unused)
{
    cache *c = cache_of(self);
    PyObject *items = PyList_New(0);
    size_t i;
    (void)unused;
    for (i = 0; items != NULL && i < n_places(c); i++) {
        PyObject *entry = pyshim_atomic_ref_load(&c->places[i]);
        if (entry != NULL && PyList_Append(items, entry) < 0) {
            Py_CLEAR(items);
        }
        Py_XDECREF(entry);
    }
    return items;
}

/* -- Writing -------------------------------------------------------------------------------- */

/* The place for a key: its own, an empty one, or another entry's. In a section over the cache. */
static pyshim_atomic_ref *place_for(cache *c, pyshim_atomic_ref *set, PyObject *key)
{
    pyshim_atomic_ref *empty = NULL;
    int way;
    for (way = 0; way < WAYS; way++) {
        PyObject *entry = pyshim_atomic_ref_load(&set[way]);
        if (entry == NULL) {
            empty = &set[way];
        } else {
            int found = is_of(entry, key);
            Py_DECREF(entry); /* never the last one: nobody else replaces entries now */
            if (found) {
                return &set[way];
            }
        }
    }
    return empty != NULL ? empty : &set[c->next_victim++ % WAYS];
}

/* put(key, value) */
static PyObject *cache_put(PyObject *self, PyObject *args)
{
    cache *c = cache_of(self);
    PyObject *key, *value, *entry, *old;
    pyshim_atomic_ref *set;
    if (!PyArg_ParseTuple(args, "OO", &key, &value)) {
        return NULL;
    }
    set = set_of(c, key);
    if (set == NULL) {
        return NULL;
    }
    /* A section is given up while its thread waits or runs other code. This one does neither:
     * memory is asked for before it, and the old entry is dropped after it, which may run any
     * code. */
    entry = PyTuple_Pack(2, key, value);
    if (entry == NULL) {
        return NULL;
    }
    PYSHIM_BEGIN_CRITICAL_SECTION(self);
    old = pyshim_atomic_ref_swap(place_for(c, set, key), entry);
    PYSHIM_END_CRITICAL_SECTION();
    Py_DECREF(entry);
    Py_XDECREF(old);
    Py_INCREF(Py_None);
    return Py_None;
}

/* -- The module ----------------------------------------------------------------------------- */

static PyMethodDef cache_methods[] = {
    {"get", cache_get, METH_VARARGS, "get(key, default=None): the value of a key."},
    {"put", cache_put, METH_VARARGS, "put(key, value): the key has that value from now on."},
    {"items", cache_items, METH_NOARGS, "A list of pairs."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot cache_slots[] = {
    {Py_tp_doc, "Cache(size): values by text, for as long as there is room."},
    {Py_tp_new, cache_new},
    {Py_tp_dealloc, cache_dealloc},
    {Py_tp_traverse, cache_traverse},
    {Py_tp_clear, cache_clear},
    {Py_tp_methods, cache_methods},
    {0, NULL},
};

static PyType_Spec cache_spec = {
    "cache.Cache", CACHE_SIZE, 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, cache_slots,
};

static int module_exec(PyObject *module)
{
    PyObject *type = PyType_FromSpec(&cache_spec);
    if (type == NULL) {
        return -1;
    }
    if (PyModule_AddObject(module, "Cache", type) < 0) { /* takes the reference if it succeeds */
        Py_DECREF(type);
        return -1;
    }
    return 0;
}

static PyMethodDef module_methods[] = {
    {"places_left", places_left, METH_NOARGS, "How many places new caches may have, in all."},
    {NULL, NULL, 0, NULL},
};

#ifdef Py_TARGET_ABI3T
PyABIInfo_VAR(abi_info);

static PySlot slots[] = {
    PySlot_PTR(Py_mod_name, "cache"),
    PySlot_PTR_STATIC(Py_mod_methods, module_methods),
    PySlot_PTR(Py_mod_abi, &abi_info),
    PySlot_FUNC(Py_mod_exec, module_exec),
    PySlot_PTR(Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED),
    PySlot_PTR(PYSHIM_MOD_GIL_SLOT, PYSHIM_MOD_GIL_VALUE(PYSHIM_MOD_GIL_SECTIONS)),
    PySlot_END,
};

PyMODEXPORT_FUNC PyModExport_cache(void)
{
    return pyshim_module_export(slots);
}
#else
static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, module_exec},
#if defined(Py_MOD_PER_INTERPRETER_GIL_SUPPORTED) \
    && (!defined(Py_LIMITED_API) || Py_LIMITED_API >= 0x030C0000)
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
    {PYSHIM_MOD_GIL_SLOT, PYSHIM_MOD_GIL_VALUE(PYSHIM_MOD_GIL_SECTIONS)},
    {0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "cache", NULL, 0, module_methods, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_cache(void)
{
    return pyshim_module_init(&definition);
}
#endif
