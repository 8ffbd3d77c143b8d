/* A tiny extension that asks a runtime what it does, one answer a function. It loads in the
   stand-in and in every real CPython, so that their answers can be compared. Written without
   Python.h: heads are laid out at run time. PROBE_* variables change how it presents itself to the
   loader. */
#include <dlfcn.h>   /* dlsym */
#include <pthread.h> /* another thread for counts */
#include <stdint.h>  /* the widths of fields */
#include <stdio.h>   /* snprintf */
#include <stdlib.h>  /* getenv */
#include <string.h>  /* memcpy, strcmp */

typedef void PyObject;
typedef intptr_t Py_ssize_t;
PyObject *PyModuleDef_Init(void *def);
PyObject *PyModule_Create2(void *def, int api);
PyObject *PySys_GetObject(const char *name);
PyObject *PyObject_GetAttrString(PyObject *op, const char *name);
PyObject *PyObject_CallObject(PyObject *callable, PyObject *args);
PyObject *PyObject_Str(PyObject *op);
PyObject *PyObject_Type(PyObject *op);
PyObject *PyList_New(Py_ssize_t n);
PyObject *PyDict_New(void);
int PyDict_SetItemString(PyObject *op, const char *key, PyObject *value);
PyObject *PyTuple_Pack(Py_ssize_t n, ...);
PyObject *PyLong_FromLong(long value);
PyObject *PyBool_FromLong(long value);
PyObject *PyUnicode_FromString(const char *text);
PyObject *PyUnicode_FromFormat(const char *format, ...);
PyObject *PyErr_Occurred(void);
PyObject *PyErr_Format(PyObject *type, const char *format, ...);
void PyErr_SetString(PyObject *type, const char *text);
void PyErr_Clear(void);
void PyErr_Fetch(PyObject **type, PyObject **value, PyObject **traceback);
void Py_IncRef(PyObject *op);
void Py_DecRef(PyObject *op);
int PyGILState_Ensure(void);
void PyGILState_Release(int before);
PyObject *PyEval_SaveThread(void);
void PyEval_RestoreThread(PyObject *tstate);
extern PyObject *PyExc_TypeError, *PyExc_ValueError;

typedef int (*begin_function)(void *, PyObject *);
typedef int (*begin2_function)(void *, PyObject *, PyObject *);
typedef int (*object_function)(PyObject *);
typedef void (*end_function)(void *);

static void find(const char *name, void *function)
{
    void *found = dlsym(RTLD_DEFAULT, name);
    memcpy(function, &found, sizeof(found));
}
static int exists(const char *name)
{
    return dlsym(RTLD_DEFAULT, name) != NULL;
}
static int free_threaded(void)
{
    return exists("PyUnstable_Module_SetGIL");
}

static PyObject *symbols(PyObject *self, PyObject *args)
{
    static const char *const names[] = {
        "PyCriticalSection_Begin",
        "PyCriticalSection_BeginMutex",
        "PyMutex_Lock",
        "PyUnstable_TryIncRef",
        "PyUnstable_Module_SetGIL",
        "_Py_GetThreadLocal_Addr",
        "Py_REFCNT",
        "Py_SIZE",
        "Py_Version",
        "_Py_IncRef",
        "PyABIInfo_Check",
        "PyObject_GetTypeData",
        "PyErr_GetRaisedException",
        "_PyThreadState_UncheckedGet",
        "standin_configure",
    };
    char text[500] = "";
    (void)self, (void)args;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (exists(names[i])) {
            strcat(strcat(text, text[0] != '\0' ? " " : ""), names[i]);
        }
    }
    return PyUnicode_FromString(text);
}

enum { SCRATCH = 64 };
static uintptr_t mark(int i)
{
    return (uintptr_t)0xA5A5000000000000u + (uintptr_t)i;
}
static long touched(const uintptr_t *scratch)
{
    long highest = 0;
    for (int i = 0; i < SCRATCH; i++) {
        highest = scratch[i] != mark(i) ? i + 1 : highest;
    }
    return highest;
}

/* Words that begin wrote, or what it raised. */
static PyObject *section_of(int n_objects)
{
    uintptr_t scratch[SCRATCH];
    begin_function begin;
    begin2_function begin2;
    end_function end;
    PyObject *a = PyList_New(0), *b = PyList_New(0), *result = NULL;
    find("PyCriticalSection_Begin", &begin);
    find("PyCriticalSection2_Begin", &begin2);
    find(n_objects == 1 ? "PyCriticalSection_End" : "PyCriticalSection2_End", &end);
    for (int i = 0; i < SCRATCH; i++) {
        scratch[i] = mark(i);
    }
    if (begin == NULL) {
        result = PyUnicode_FromString("none");
    } else {
        n_objects == 1 ? begin(scratch, a) : begin2(scratch, a, n_objects == 2 ? b : a);
        if (PyErr_Occurred() == NULL) {
            result = PyLong_FromLong(touched(scratch));
            end(scratch);
        }
    }
    Py_DecRef(a);
    Py_DecRef(b);
    return result;
}
static PyObject *section(PyObject *self, PyObject *args)
{
    (void)self, (void)args;
    return section_of(1);
}
static PyObject *section2(PyObject *self, PyObject *args)
{
    (void)self, (void)args;
    return section_of(2);
}
static PyObject *section2_same(PyObject *self, PyObject *args)
{
    (void)self, (void)args;
    return section_of(3);
}

/* Ends a section that begin refused, or one whose third word was changed meanwhile. */
static PyObject *ends_too_much(PyObject *self, PyObject *args)
{
    uintptr_t words[SCRATCH] = {0};
    begin_function begin;
    end_function end;
    (void)args;
    find("PyCriticalSection_Begin", &begin);
    find("PyCriticalSection_End", &end);
    begin(words, self);
    PyErr_Clear();
    if (getenv("PROBE_DAMAGE") != NULL) {
        words[2]++;
    }
    end(words);
    return PyBool_FromLong(1);
}

/* What a section inside another on the same object leaves in its own two words. */
static PyObject *nested(PyObject *self, PyObject *args)
{
    uintptr_t outer[SCRATCH] = {0}, inner[SCRATCH] = {0};
    begin_function begin;
    end_function end;
    PyObject *op = PyDict_New();
    const char *says = "none";
    (void)args;
    find("PyCriticalSection_Begin", &begin);
    find("PyCriticalSection_End", &end);
    if (begin != NULL) {
        begin(outer, op);
        inner[0] = inner[1] = 1;
        begin(inner, op);
        PyDict_SetItemString(op, "key", self); /* CPython's own section on it, within both */
        says = inner[0] == 0 && inner[1] == 0       ? "skipped"
               : inner[0] == ((uintptr_t)outer | 1) ? "outer suspended"
               : inner[0] == 1 && inner[1] == 1     ? "untouched"
                                                    : "something else";
        end(inner);
        end(outer);
    }
    Py_DecRef(op);
    return PyUnicode_FromString(says);
}

/* Counts up a number that only a section protects; the object is the module. */
static volatile long counter;
static PyObject *increment(PyObject *self, PyObject *args)
{
    uintptr_t words[SCRATCH];
    begin_function begin;
    end_function end;
    (void)args;
    find("PyCriticalSection_Begin", &begin);
    find("PyCriticalSection_End", &end);
    for (int i = 0; i < 10000; i++) {
        if (begin != NULL) {
            begin(words, self);
        }
        counter = counter + 1;
        if (begin != NULL) {
            end(words);
        }
    }
    return PyBool_FromLong(1);
}
static PyObject *counted(PyObject *self, PyObject *args)
{
    (void)self, (void)args;
    return PyLong_FromLong(counter);
}

/* Try-incref from a thread that does not own the object, before and after it is enabled. */
struct attempt {
    object_function try_incref;
    PyObject *op;
    int got;
};
static void *attempt(void *p)
{
    struct attempt *a = p;
    a->got = a->try_incref(a->op);
    return NULL;
}
static int on_other_thread(struct attempt *a)
{
    pthread_t thread;
    pthread_create(&thread, NULL, attempt, a);
    pthread_join(thread, NULL);
    if (a->got) {
        Py_DecRef(a->op);
    }
    return a->got;
}
static PyObject *try_incref(PyObject *self, PyObject *args)
{
    struct attempt a = {0};
    end_function enable;
    (void)self, (void)args;
    find("PyUnstable_TryIncRef", &a.try_incref);
    find("PyUnstable_EnableTryIncRef", &enable);
    if (a.try_incref == NULL) {
        return PyUnicode_FromString("none");
    }
    a.op = PyList_New(0);
    int own = a.try_incref(a.op);
    Py_DecRef(a.op);
    int before = on_other_thread(&a);
    enable(a.op);
    int after = on_other_thread(&a);
    PyObject *result = PyUnicode_FromFormat("own %d, before %d, after %d", own, before, after);
    Py_DecRef(a.op);
    return result;
}

/* Objects that this thread makes and another one lets go of last, every other one of them enabled
   for try-incref. */
static void *let_go(void *op)
{
    int before = PyGILState_Ensure();
    Py_DecRef(op);
    PyGILState_Release(before);
    return NULL;
}
static PyObject *hand_over(PyObject *self, PyObject *args)
{
    end_function enable;
    (void)self, (void)args;
    find("PyUnstable_EnableTryIncRef", &enable);
    for (int i = 0; i < 50; i++) {
        PyObject *op = PyList_New(0), *tstate;
        pthread_t thread;
        if (enable != NULL && i % 2 != 0) {
            enable(op);
        }
        tstate = PyEval_SaveThread();
        pthread_create(&thread, NULL, let_go, op);
        pthread_join(thread, NULL);
        PyEval_RestoreThread(tstate);
    }
    return PyBool_FromLong(1);
}

/* The counting fields of a fresh object. */
static PyObject *head(PyObject *self, PyObject *args)
{
    PyObject *op = PyList_New(0), *result;
    char *bytes = op;
    (void)self, (void)args;
    if (free_threaded()) {
        uint32_t local;
        Py_ssize_t shared;
        uintptr_t owner, me = 0;
        memcpy(&owner, bytes, sizeof(owner));
        memcpy(&local, bytes + 12, sizeof(local));
        memcpy(&shared, bytes + 16, sizeof(shared));
#if defined(__x86_64__)
        __asm__("movq %%fs:0, %0" : "=r"(me));
#elif defined(__aarch64__)
        __asm__("mrs %0, tpidr_el0" : "=r"(me));
#endif
        result = PyUnicode_FromFormat("mine %d local %u shared %zd", owner == me, local, shared);
    } else {
        uint32_t low;
        memcpy(&low, bytes, sizeof(low));
        result = PyUnicode_FromFormat("count %u", low);
    }
    Py_DecRef(op);
    return result;
}

static PyObject *immortal(PyObject *self, PyObject *args)
{
    Py_ssize_t (*refcnt)(PyObject *);
    PyObject *number = PyLong_FromLong(7);
    uint32_t low;
    (void)self, (void)args;
    find("Py_REFCNT", &refcnt);
    memcpy(&low, (char *)number + (free_threaded() ? 12 : 0), sizeof(low));
    return refcnt != NULL ? PyUnicode_FromFormat("0x%x, %zd", low, refcnt(number))
                          : PyUnicode_FromFormat("%d", low > 0x3fffffff);
}

static PyObject *format_error(PyObject *self, PyObject *args)
{
    PyObject *text = PyUnicode_FromString("it's");
    (void)self, (void)args;
    return PyErr_Format(PyExc_ValueError, "%s %d %u %x %zd %zu %U %R %lu %p %c %5d %.2s %03d %%",
                        "text", -1, 4000000000u, 0xbeefu, (Py_ssize_t)-2, (size_t)3, text, text,
                        18446744073709551615ul, (void *)0x10, 'c', 42, "longer", 7);
}

/* The class of what is fetched after a plain PyErr_SetString. */
static PyObject *fetched(PyObject *self, PyObject *args)
{
    PyObject *type, *value, *traceback;
    (void)self, (void)args;
    PyErr_SetString(PyExc_TypeError, "why");
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *class = PyObject_Type(value);
    PyObject *name = PyObject_GetAttrString(class, "__name__");
    Py_DecRef(class);
    Py_DecRef(type);
    Py_DecRef(value);
    Py_DecRef(traceback);
    return name;
}

static PyObject *shown(PyObject *self, PyObject *args)
{
    PyObject *list = PyList_New(0), *dict = PyDict_New();
    (void)self, (void)args;
    PyDict_SetItemString(dict, "k", PyLong_FromLong(-300));
    return PyTuple_Pack(5, PyUnicode_FromString("a'b"), PyLong_FromLong(12345678901L),
                        PyBool_FromLong(0), list, dict);
}

/* What the runtime says of itself: every answer that a stand-in may be told to lie about. */
static PyObject *sys_text(const char *name, const char *attribute)
{
    PyObject *op = PySys_GetObject(name);
    if (op == NULL) {
        PyErr_Clear();
        return PyUnicode_FromString("none");
    }
    PyObject *value;
    if (attribute != NULL) {
        value = PyObject_GetAttrString(op, attribute);
    } else {
        Py_IncRef(op);
        value = op;
    }
    if (value == NULL) {
        PyErr_Clear();
        return PyUnicode_FromString("none");
    }
    PyObject *text = PyObject_Str(value);
    Py_DecRef(value);
    return text;
}
static PyObject *claims(PyObject *self, PyObject *args)
{
    extern char PyBaseObject_Type;
    unsigned long *version, minor = 0;
    (void)self, (void)args;
    find("Py_Version", &version);
    minor = version != NULL ? *version >> 16 & 0xff : 0;
    return PyUnicode_FromFormat(
        "%lu, %U, %U, %U, %S", minor, sys_text("abiflags", NULL), sys_text("flags", "gil"),
        sys_text("abi_info", "free_threaded"),
        PyObject_GetAttrString((PyObject *)&PyBaseObject_Type, "__basicsize__"));
}
static PyObject *hexversion(PyObject *self, PyObject *args)
{
    PyObject *value = PySys_GetObject("hexversion");
    (void)self, (void)args;
    Py_IncRef(value);
    return value;
}

static PyObject *gil(PyObject *self, PyObject *args)
{
    PyObject *function = PySys_GetObject("_is_gil_enabled");
    (void)self, (void)args;
    if (function == NULL) {
        PyErr_Clear();
        return PyBool_FromLong(1);
    }
    return PyObject_CallObject(function, NULL);
}

/* Where the GIL was off while a hook ran: the first letters of init or export, create, exec. */
static char hooks[32];
static void note(const char *hook)
{
    PyObject *answer = gil(NULL, NULL);
    PyObject *off = PyBool_FromLong(0);
    strcat(strcat(strcat(hooks, hooks[0] != '\0' ? " " : ""), hook), answer == off ? "-" : "+");
    Py_DecRef(answer);
    Py_DecRef(off);
}
static PyObject *hooks_run(PyObject *self, PyObject *args)
{
    (void)self, (void)args;
    return PyUnicode_FromString(hooks);
}

struct method {
    const char *name;
    PyObject *(*function)(PyObject *, PyObject *);
    int flags;
    const char *doc;
};
#define METHOD(name) {#name, name, 4, NULL}
static struct method methods[] = {
    METHOD(symbols),   METHOD(section),   METHOD(section2),      METHOD(section2_same),
    METHOD(nested),    METHOD(increment), METHOD(counted),       METHOD(try_incref),
    METHOD(hand_over), METHOD(head),      METHOD(immortal),      METHOD(format_error),
    METHOD(fetched),   METHOD(shown),     METHOD(claims),        METHOD(hexversion),
    METHOD(gil),       METHOD(hooks_run), METHOD(ends_too_much), {NULL, NULL, 0, NULL},
};

static int has(const char *variable)
{
    return getenv(variable) != NULL;
}
static long number(const char *variable)
{
    return strtol(getenv(variable), NULL, 0);
}

static int exec(PyObject *module)
{
    (void)module;
    note("exec");
    if (has("PROBE_EXEC_RAISES")) {
        PyErr_SetString(PyExc_ValueError, "exec said no");
        return -1;
    }
    return 0;
}

static struct {
    int id;
    void *value;
} old_slots[8];

/* The definition in the layout of the build, or of the other one where that is asked for. */
static void *definition(int single_phase)
{
    static _Alignas(16) char def[256];
    const char *layout = getenv("PROBE_HEAD");
    int ft = layout != NULL ? strcmp(layout, "ft") == 0 : free_threaded();
    int n = 0;
    if (ft) {
        uint32_t forever = UINT32_MAX;
        uint16_t flags = has("PROBE_ZERO_FLAGS") ? 0 : 4;
        memcpy(def + 12, &forever, sizeof(forever));
        memcpy(def + 8, &flags, sizeof(flags));
    } else {
        def[0] = 1;
    }
    void **fields = (void **)(void *)(def + (ft ? 56 : 40)); /* after head, init, index, copy */
    fields[0] = "probe";
    fields[3] = methods;
    if (single_phase) {
        return def;
    }
    old_slots[n].id = 2;
    old_slots[n++].value = (void *)(uintptr_t)exec;
    if (has("PROBE_GIL")) {
        old_slots[n].id = 4;
        old_slots[n++].value = (void *)number("PROBE_GIL");
    }
    if (has("PROBE_GIL_TWICE")) {
        old_slots[n].id = 4;
        old_slots[n++].value = (void *)number("PROBE_GIL_TWICE");
    }
    if (has("PROBE_SLOT")) {
        old_slots[n++].id = (int)number("PROBE_SLOT");
    }
    fields[4] = old_slots;
    return def;
}

PyObject *PyInit_probe(void)
{
    int (*set_gil)(PyObject *, void *);
    note("init");
    if (has("PROBE_INIT_RAISES")) {
        PyErr_SetString(PyExc_ValueError, "init said no");
        return NULL;
    }
    if (has("PROBE_INIT_NULL")) {
        return NULL;
    }
    if (!has("PROBE_SINGLE_PHASE")) {
        return PyModuleDef_Init(definition(0));
    }
    PyObject *module = PyModule_Create2(definition(1), 1013);
    find("PyUnstable_Module_SetGIL", &set_gil);
    if (set_gil != NULL && has("PROBE_GIL")) {
        set_gil(module, (void *)number("PROBE_GIL"));
    }
    return module;
}

#ifdef PROBE_EXPORT
struct slot {
    uint16_t id, flags;
    uint32_t reserved;
    uint64_t value;
};
void *PyModExport_probe(void)
{
    static struct slot slots[10];
    static struct {
        uint8_t major, minor;
        uint16_t flags;
        uint32_t build, abi;
    } info = {1, 0, 7, 0x030f00f0, 0x030f0000};
    int n = 0;
    note("export");
    if (has("PROBE_ABI_FLAGS")) {
        info.flags = (uint16_t)number("PROBE_ABI_FLAGS");
    }
    if (has("PROBE_ABI_VERSION")) {
        info.abi = (uint32_t)number("PROBE_ABI_VERSION");
    }
    if (!has("PROBE_NO_ABI")) {
        slots[n++] = (struct slot){109, 0, 0, (uintptr_t)&info};
    }
    slots[n++] = (struct slot){103, has("PROBE_METHODS_NOT_STATIC") ? 0 : 2, 0, (uintptr_t)methods};
    slots[n++] = (struct slot){85, 0, 0, (uintptr_t)exec};
    if (has("PROBE_GIL")) {
        slots[n++] = (struct slot){87, 4, 0, (uint64_t)number("PROBE_GIL")};
    }
    if (has("PROBE_GIL_TWICE")) {
        slots[n++] = (struct slot){87, 4, 0, (uint64_t)number("PROBE_GIL_TWICE")};
    }
    if (has("PROBE_SLOT")) {
        slots[n++] =
            (struct slot){(uint16_t)number("PROBE_SLOT"), has("PROBE_OPTIONAL") ? 1 : 0, 0, 0};
    }
    return slots;
}
#endif
