/* What the C core calls that can fail, each with a way to make it fail. The core is compiled after
 * this, and so calls these; tests/faults.rs demands that whatever else it calls of CPython's cannot
 * fail. */
#ifndef FAULTS_CALLS_H
#define FAULTS_CALLS_H

#include <Python.h>

#include <dlfcn.h>    /* dlsym */
#include <stdlib.h>   /* malloc, calloc, realloc, free */
#include <sys/mman.h> /* mmap */

/* What is made to fail. */
typedef enum faults_kind {
    FAULTS_ALLOCATION,  /* one allocation, by the core or by CPython for it */
    FAULTS_ALLOCATIONS, /* that one and all after it */
    FAULTS_CALL,        /* one call of CPython's functions by the core, with an exception */
    FAULTS_KINDS
} faults_kind;

/* What is due, and what was there so far. Nothing fails before `armed`. */
static struct {
    int armed;
    faults_kind kind;
    long nth, seen, fired;
    long blocks;            /* live ones of the core */
    void (*when_due)(void); /* what another thread does at that moment, or NULL */
} faults;

/* Which of the functions below were made to fail; attempts are processes, which share this. */
enum { FAULTS_MOST_NAMES = 64 };
static const char **faults_fired_names;

static void faults_share_names(void)
{
    void *shared = mmap(NULL, FAULTS_MOST_NAMES * sizeof(char *), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        Py_FatalError("faults: no shared memory");
    }
    faults_fired_names = (const char **)shared;
}

static void faults_note(const char *name)
{
    int i = 0;
    while (faults_fired_names[i] != NULL && faults_fired_names[i] != name) {
        i++;
    }
    if (i + 1 == FAULTS_MOST_NAMES) {
        Py_FatalError("faults: FAULTS_MOST_NAMES is too small");
    }
    faults_fired_names[i] = name;
}

/* Whether what is called `name` fails. */
static int faults_due(faults_kind kind, const char *name)
{
    int is_kind = kind == faults.kind
                  || (kind == FAULTS_ALLOCATION && faults.kind == FAULTS_ALLOCATIONS);
    if (!faults.armed || !is_kind) {
        return 0;
    }
    faults.seen++;
    if (faults.seen != faults.nth && !(faults.kind == FAULTS_ALLOCATIONS && faults.fired != 0)) {
        return 0;
    }
    faults.fired++;
    faults_note(name);
    if (faults.when_due != NULL) {
        faults.when_due();
    }
    return 1;
}

/* Whether this call fails; the exception is set then. */
static int faults_call_due(const char *name)
{
    if (!faults_due(FAULTS_CALL, name)) {
        return 0;
    }
    PyErr_SetString(PyExc_OverflowError, "injected");
    return 1;
}

static void *faults_malloc(size_t size)
{
    void *block = faults_due(FAULTS_ALLOCATION, __func__) ? NULL : malloc(size);
    faults.blocks += block != NULL;
    return block;
}

static void *faults_calloc(size_t count, size_t size)
{
    void *block = faults_due(FAULTS_ALLOCATION, __func__) ? NULL : calloc(count, size);
    faults.blocks += block != NULL;
    return block;
}

static void *faults_realloc(void *old, size_t size)
{
    void *block = faults_due(FAULTS_ALLOCATION, __func__) ? NULL : realloc(old, size);
    faults.blocks += block != NULL && old == NULL;
    return block;
}

static void faults_free(void *block)
{
    faults.blocks -= block != NULL;
    free(block);
}

static void *faults_dlsym(void *where, const char *name)
{
    return faults_due(FAULTS_CALL, __func__) ? NULL : dlsym(where, name);
}

/* These two set no exception when they fail. */
static PyObject *faults_PySys_GetObject(const char *name)
{
    return faults_due(FAULTS_CALL, __func__) ? NULL : PySys_GetObject(name);
}

static PyObject *faults_PyThreadState_GetDict(void)
{
    return faults_due(FAULTS_CALL, __func__) ? NULL : PyThreadState_GetDict();
}

static PyObject *faults_PyObject_GetAttrString(PyObject *object, const char *name)
{
    return faults_call_due(__func__) ? NULL : PyObject_GetAttrString(object, name);
}

static int faults_PyObject_IsTrue(PyObject *object)
{
    return faults_call_due(__func__) ? -1 : PyObject_IsTrue(object);
}

static long faults_PyLong_AsLong(PyObject *number)
{
    return faults_call_due(__func__) ? -1 : PyLong_AsLong(number);
}

static unsigned long faults_PyLong_AsUnsignedLong(PyObject *number)
{
    return faults_call_due(__func__) ? (unsigned long)-1 : PyLong_AsUnsignedLong(number);
}

static PyObject *faults_PyList_New(Py_ssize_t length)
{
    return faults_call_due(__func__) ? NULL : PyList_New(length);
}

static PyObject *faults_PyUnicode_FromString(const char *text)
{
    return faults_call_due(__func__) ? NULL : PyUnicode_FromString(text);
}

static PyObject *faults_PyUnicode_FromFormat(const char *format, ...)
{
    PyObject *text;
    va_list arguments;
    if (faults_call_due(__func__)) {
        return NULL;
    }
    va_start(arguments, format);
    text = PyUnicode_FromFormatV(format, arguments);
    va_end(arguments);
    return text;
}

static int faults_PyUnicode_Contains(PyObject *text, PyObject *part)
{
    return faults_call_due(__func__) ? -1 : PyUnicode_Contains(text, part);
}

static PyObject *faults_PyUnicode_Concat(PyObject *left, PyObject *right)
{
    return faults_call_due(__func__) ? NULL : PyUnicode_Concat(left, right);
}

static PyObject *faults_PyModuleDef_Init(PyModuleDef *definition)
{
    return faults_call_due(__func__) ? NULL : PyModuleDef_Init(definition);
}

static PyObject *faults_PyDict_GetItemWithError(PyObject *dict, PyObject *key)
{
    return faults_call_due(__func__) ? NULL : PyDict_GetItemWithError(dict, key);
}

static int faults_PyDict_SetItem(PyObject *dict, PyObject *key, PyObject *value)
{
    return faults_call_due(__func__) ? -1 : PyDict_SetItem(dict, key, value);
}

static PyObject *faults_PyCapsule_New(void *pointer, const char *name, PyCapsule_Destructor ends)
{
    return faults_call_due(__func__) ? NULL : PyCapsule_New(pointer, name, ends);
}

static PyObject *faults_PyObject_CallObject(PyObject *callable, PyObject *args)
{
    return faults_call_due(__func__) ? NULL : PyObject_CallObject(callable, args);
}

static PyObject *faults_PyObject_GetAttr(PyObject *object, PyObject *name)
{
    return faults_call_due(__func__) ? NULL : PyObject_GetAttr(object, name);
}

static int faults_PyObject_SetAttr(PyObject *object, PyObject *name, PyObject *value)
{
    return faults_call_due(__func__) ? -1 : PyObject_SetAttr(object, name, value);
}

static int faults_PyObject_SetAttrString(PyObject *object, const char *name, PyObject *value)
{
    return faults_call_due(__func__) ? -1 : PyObject_SetAttrString(object, name, value);
}

/* The core packs one object at a time. */
static PyObject *faults_PyTuple_Pack(Py_ssize_t n, PyObject *object)
{
    return faults_call_due(__func__) ? NULL : PyTuple_Pack(n, object);
}

static PyObject *faults_PyImport_ImportModule(const char *name)
{
    return faults_call_due(__func__) ? NULL : PyImport_ImportModule(name);
}

static PyObject *faults_PyType_GenericAlloc(PyTypeObject *type, Py_ssize_t n)
{
    return faults_call_due(__func__) ? NULL : PyType_GenericAlloc(type, n);
}

static PyObject *faults_PyLong_FromUnsignedLongLong(unsigned long long number)
{
    return faults_call_due(__func__) ? NULL : PyLong_FromUnsignedLongLong(number);
}

static unsigned long long faults_PyLong_AsUnsignedLongLong(PyObject *number)
{
    return faults_call_due(__func__) ? (unsigned long long)-1 : PyLong_AsUnsignedLongLong(number);
}

static PyObject *faults_PyMemoryView_FromObject(PyObject *op)
{
    return faults_call_due(__func__) ? NULL : PyMemoryView_FromObject(op);
}

static PyObject *faults_PyWeakref_NewRef(PyObject *op, PyObject *callback)
{
    return faults_call_due(__func__) ? NULL : PyWeakref_NewRef(op, callback);
}

static PyThreadState *faults_PyThreadState_New(PyInterpreterState *interpreter)
{
    PyThreadState *made = NULL;
    int armed = faults.armed;
    if (!faults_due(FAULTS_CALL, __func__)) {
        /* 3.11 goes on with what it did not get (Python/pystate.c), which no caller can help. */
        faults.armed = armed && PY_VERSION_HEX >> 16 != 0x030B;
        made = PyThreadState_New(interpreter);
        faults.armed = armed;
    }
    return made;
}

static PyObject *faults_PyInterpreterState_GetDict(PyInterpreterState *interpreter)
{
    return faults_due(FAULTS_CALL, __func__) ? NULL : PyInterpreterState_GetDict(interpreter);
}

#define malloc faults_malloc
#define calloc faults_calloc
#define realloc faults_realloc
#define free faults_free
#define dlsym faults_dlsym
#define PySys_GetObject faults_PySys_GetObject
#define PyThreadState_GetDict faults_PyThreadState_GetDict
#define PyObject_GetAttrString faults_PyObject_GetAttrString
#define PyObject_IsTrue faults_PyObject_IsTrue
#define PyLong_AsLong faults_PyLong_AsLong
#define PyLong_AsUnsignedLong faults_PyLong_AsUnsignedLong
#define PyList_New faults_PyList_New
#define PyUnicode_FromString faults_PyUnicode_FromString
#define PyUnicode_FromFormat faults_PyUnicode_FromFormat
#define PyUnicode_Contains faults_PyUnicode_Contains
#define PyUnicode_Concat faults_PyUnicode_Concat
#define PyModuleDef_Init faults_PyModuleDef_Init
#define PyDict_GetItemWithError faults_PyDict_GetItemWithError
#define PyDict_SetItem faults_PyDict_SetItem
#define PyObject_CallObject faults_PyObject_CallObject
#define PyObject_GetAttr faults_PyObject_GetAttr
#define PyObject_SetAttr faults_PyObject_SetAttr
#define PyObject_SetAttrString faults_PyObject_SetAttrString
#define PyTuple_Pack faults_PyTuple_Pack
#define PyImport_ImportModule faults_PyImport_ImportModule
#define PyType_GenericAlloc faults_PyType_GenericAlloc
#define PyLong_FromUnsignedLongLong faults_PyLong_FromUnsignedLongLong
#define PyLong_AsUnsignedLongLong faults_PyLong_AsUnsignedLongLong
#define PyMemoryView_FromObject faults_PyMemoryView_FromObject
#define PyWeakref_NewRef faults_PyWeakref_NewRef
#define PyThreadState_New faults_PyThreadState_New
#define PyInterpreterState_GetDict faults_PyInterpreterState_GetDict
#define PyCapsule_New faults_PyCapsule_New

#endif
