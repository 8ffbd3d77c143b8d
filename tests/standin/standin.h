/* What the parts of the stand-in share. Names that begin with `standin_` stay inside the library:
   the version script made from exports.txt lets out only what a CPython exports. */
#ifndef STANDIN_H
#define STANDIN_H

#include "layout.h"
#include <stdarg.h>  /* va_list of the format functions */
#include <stdbool.h> /* bool */

#define UNUSED __attribute__((unused))

/* config.c: what the environment asks for, read once. */
enum standin_sections { SECTIONS_LIVE, SECTIONS_NOOP };
enum standin_gil_rule { GIL_RULE_NONZERO, GIL_RULE_ONE, GIL_RULE_BIT0 };
enum standin_gil_request { GIL_BY_MODULES, GIL_OFF, GIL_ON };
struct standin_config {
    int minor;
    unsigned long hexversion;
    const char *abiflags;
    Py_ssize_t object_basicsize;
    bool claims_free_threaded;
    enum standin_sections sections;
    int section_extra_words;
    long begin_raises_from;
    enum standin_gil_rule gil_rule;
    enum standin_gil_request gil;
};
extern struct standin_config standin;
void standin_configure(void);

/* refcount.c */
extern intptr_t standin_live_objects;
void standin_init_object(PyObject *op, PyTypeObject *type);
void standin_init_static(PyObject *op, PyTypeObject *type);
Py_ssize_t standin_merge_refcount(PyObject *op, Py_ssize_t extra);
uintptr_t standin_thread_id(void);
void Py_IncRef(PyObject *op);
void Py_DecRef(PyObject *op);
void _Py_Dealloc(PyObject *op);
Py_ssize_t Py_REFCNT(PyObject *op);
static inline PyObject *standin_new_ref(PyObject *op)
{
    Py_IncRef(op);
    return op;
}

/* threads.c, gil.c */
typedef struct _ts {
    struct _ts *next;
    uintptr_t thread_id;
    uint64_t id;
    bool holds_gil;
    int gilstate_counter;
    uintptr_t critical_section;
    PyObject *error_type, *error_value, *error_traceback;
    PyObject **unmerged; /* objects whose last shared reference went away on another thread */
    size_t n_unmerged, cap_unmerged;
} PyThreadState;
extern _Thread_local PyThreadState *standin_tstate;
PyThreadState *standin_current(const char *caller);
void standin_threads_start(void);
void standin_attach(PyThreadState *tstate);
void standin_detach(void);
void standin_queue_for_owner(PyObject *op);
void standin_run_pending(void);
PyThreadState *PyThreadState_New(void *interp);
void PyThreadState_Clear(PyThreadState *tstate);
void PyThreadState_DeleteCurrent(void);
void standin_gil_start(void);
void standin_gil_take(PyThreadState *tstate);
void standin_gil_drop(PyThreadState *tstate);
bool standin_gil_enabled(void);
void standin_gil_enable_transient(void);
void standin_gil_disable_transient(void);
int standin_gil_enable_for_module(const char *name);

/* mutex.c, sections.c: the locks as they are, whatever the variation. */
void standin_mutex_lock(uint8_t *m);
void standin_mutex_unlock(uint8_t *m);
void standin_sections_suspend(PyThreadState *tstate);
void standin_sections_resume(PyThreadState *tstate);
void standin_lock_object(PyCriticalSection *c, PyObject *op);
void standin_unlock_object(PyCriticalSection *c);

/* errors.c */
extern PyObject *PyExc_ImportError, *PyExc_ModuleNotFoundError, *PyExc_SystemError,
    *PyExc_TypeError, *PyExc_ValueError, *PyExc_MemoryError, *PyExc_AttributeError, *PyExc_KeyError,
    *PyExc_IndexError, *PyExc_OverflowError, *PyExc_RuntimeError, *PyExc_RuntimeWarning,
    *PyExc_DeprecationWarning;
void standin_exceptions_ready(void);
PyObject *standin_exception_str(PyObject *exc);
extern int standin_n_warnings;
void PyErr_SetString(PyObject *type, const char *text);
void PyErr_SetObject(PyObject *type, PyObject *value);
PyObject *PyErr_Format(PyObject *type, const char *format, ...);
PyObject *PyErr_Occurred(void);
void PyErr_Clear(void);
void PyErr_Fetch(PyObject **type, PyObject **value, PyObject **traceback);
void PyErr_Restore(PyObject *type, PyObject *value, PyObject *traceback);
void PyErr_NormalizeException(PyObject **type, PyObject **value, PyObject **traceback);
int PyErr_ExceptionMatches(PyObject *type);
PyObject *PyErr_NoMemory(void);
void _PyErr_BadInternalCall(const char *file, int line);
#define BAD_INTERNAL_CALL() _PyErr_BadInternalCall(__FILE__, __LINE__)
int PyErr_WarnEx(PyObject *category, const char *text, Py_ssize_t level);
int PyErr_WarnFormat(PyObject *category, Py_ssize_t level, const char *format, ...);
void Py_FatalError(const char *text) __attribute__((noreturn));
void _Py_FatalErrorFunc(const char *function, const char *text) __attribute__((noreturn));

/* types.c, typespec.c, descriptors.c */
extern PyTypeObject PyType_Type, PyBaseObject_Type;
extern PyTypeObject PyCFunction_Type, PyMethodDescr_Type, PyGetSetDescr_Type, PyMemberDescr_Type;
int PyType_Ready(PyTypeObject *type);
int PyType_IsSubtype(PyTypeObject *a, PyTypeObject *b);
PyObject *standin_type_lookup(PyTypeObject *type, PyObject *name);
PyObject *PyType_GenericAlloc(PyTypeObject *type, Py_ssize_t n_items);
PyObject *PyType_GenericNew(PyTypeObject *type, PyObject *args, PyObject *kwargs);
void standin_object_dealloc(PyObject *op);
int standin_add_descriptors(PyTypeObject *type);
PyObject *PyCFunction_NewEx(PyMethodDef *method, PyObject *self, PyObject *module);
PyObject *PyCMethod_New(PyMethodDef *method, PyObject *self, PyObject *module, PyTypeObject *type);
void standin_ready_static(PyTypeObject *type);
void standin_types_ready(void);
typedef struct {
    PyTypeObject type;
    PyObject *module;
    char *name;
} standin_heap_type;

/* object.c, call.c */
extern PyObject _Py_NoneStruct;
extern PyTypeObject standin_none_type;
static inline PyObject *standin_none(void)
{
    return standin_new_ref(&_Py_NoneStruct);
}
void *PyObject_Malloc(size_t n);
void PyObject_Free(void *p);
PyObject *_PyObject_New(PyTypeObject *type);
PyObject *PyObject_GetAttr(PyObject *op, PyObject *name);
PyObject *PyObject_GetAttrString(PyObject *op, const char *name);
PyObject *PyObject_GenericGetAttr(PyObject *op, PyObject *name);
int PyObject_GenericSetAttr(PyObject *op, PyObject *name, PyObject *value);
PyObject *PyObject_Repr(PyObject *op);
PyObject *PyObject_Str(PyObject *op);
PyObject *PyObject_Call(PyObject *callable, PyObject *args, PyObject *kwargs);
PyObject *PyObject_CallObject(PyObject *callable, PyObject *args);
PyObject *PyObject_CallNoArgs(PyObject *callable);
PyObject **standin_instance_dict(PyObject *op);
bool standin_is_exception_class(PyObject *op);

/* long.c, unicode.c, bytes.c, format.c */
extern PyTypeObject PyLong_Type, PyBool_Type, PyUnicode_Type, PyBytes_Type;
typedef struct {
    PyObject ob_base;
    bool negative;
    unsigned long long magnitude;
} standin_long;
extern standin_long _Py_TrueStruct, _Py_FalseStruct;
void standin_longs_ready(void);
PyObject *PyLong_FromLong(long value);
PyObject *PyLong_FromUnsignedLong(unsigned long value);
PyObject *PyLong_FromSsize_t(Py_ssize_t value);
long PyLong_AsLong(PyObject *op);
PyObject *PyBool_FromLong(long value);
PyObject *PyUnicode_FromString(const char *text);
PyObject *PyUnicode_FromStringAndSize(const char *text, Py_ssize_t n);
PyObject *PyUnicode_FromFormat(const char *format, ...);
PyObject *PyUnicode_FromFormatV(const char *format, va_list args);
const char *PyUnicode_AsUTF8(PyObject *op);
const char *PyUnicode_AsUTF8AndSize(PyObject *op, Py_ssize_t *n);
PyObject *PyBytes_FromStringAndSize(const char *data, Py_ssize_t n);
static inline bool standin_is_str(PyObject *op)
{
    return (op->ob_type->tp_flags & TPFLAGS_UNICODE) != 0;
}
/* A growing text: the format functions and the reprs of containers write into it. */
struct standin_text {
    char *data;
    size_t n, capacity;
};
void standin_text_add(struct standin_text *text, const char *data, size_t n);
void standin_text_adds(struct standin_text *text, const char *data);
int standin_text_repr(struct standin_text *text, PyObject *op);
PyObject *standin_text_finish(struct standin_text *text);

/* bytes.c */
char *PyBytes_AsString(PyObject *op);
Py_ssize_t PyBytes_Size(PyObject *op);

/* tuple.c, list.c, dict.c */
extern PyTypeObject PyTuple_Type, PyList_Type, PyDict_Type;
PyObject *PyTuple_New(Py_ssize_t n);
PyObject *PyTuple_Pack(Py_ssize_t n, ...);
PyObject **standin_tuple_items(PyObject *op);
Py_ssize_t PyTuple_Size(PyObject *op);
PyObject *PyTuple_GetItem(PyObject *op, Py_ssize_t i);
PyObject *PyList_New(Py_ssize_t n);
int PyList_Append(PyObject *op, PyObject *item);
Py_ssize_t PyList_Size(PyObject *op);
PyObject *PyList_GetItem(PyObject *op, Py_ssize_t i);
PyObject *PyList_AsTuple(PyObject *op);
PyObject *PyDict_New(void);
int PyDict_SetItem(PyObject *op, PyObject *key, PyObject *value);
int PyDict_SetItemString(PyObject *op, const char *key, PyObject *value);
int PyDict_DelItem(PyObject *op, PyObject *key);
PyObject *PyDict_GetItem(PyObject *op, PyObject *key);
PyObject *PyDict_GetItemString(PyObject *op, const char *key);
int PyDict_Next(PyObject *op, Py_ssize_t *position, PyObject **key, PyObject **value);
/* A new reference, or NULL without an exception. */
PyObject *standin_dict_get_new(PyObject *op, PyObject *key);
/* Takes the reference to value. */
int standin_dict_add(PyObject *op, const char *key, PyObject *value);

/* namespace.c, module.c, moduledef.c, slots.c, abiinfo.c, import.c */
extern PyTypeObject PyModule_Type, PyModuleDef_Type, standin_namespace_type;
typedef struct {
    PyObject ob_base;
    PyObject *dict;
    PyModuleDef *def;
    void *state;
    Py_ssize_t state_size; /* negative: there will be no state */
    bool requires_gil;
    int (*exec)(PyObject *); /* of a module that was made of slots only */
    const void *token;
    void (*state_free)(void *);
} standin_module;
static inline bool standin_is_module(PyObject *op)
{
    return PyType_IsSubtype(op->ob_type, &PyModule_Type);
}
PyObject *standin_namespace(void);
void standin_namespace_add(PyObject *op, const char *name, PyObject *value); /* takes value */
PyObject *PyModule_NewObject(PyObject *name);
PyObject *PyModule_New(const char *name);
PyObject *PyModule_GetDict(PyObject *op);
const char *PyModule_GetName(PyObject *op);
int PyModule_AddFunctions(PyObject *op, PyMethodDef *methods);
int PyModule_SetDocString(PyObject *op, const char *doc);
int PyModule_ExecDef(PyObject *op, PyModuleDef *def);
PyObject *PyModule_FromDefAndSpec2(PyModuleDef *def, PyObject *spec, int api);
PyObject *PyModule_FromSlotsAndSpec(const PySlot *slots, PyObject *spec);
int PyModule_Exec(PyObject *op);
int PyABIInfo_Check(PyABIInfo *info, const char *module);

/* What a module's slots say, whichever of the two kinds of array they came in. */
enum { STANDIN_MAX_EXEC = 16, STANDIN_N_SLOT_IDS = 111 };
extern const char *const standin_slot_names[STANDIN_N_SLOT_IDS];
struct standin_slots {
    const char *module; /* for messages */
    PyModuleDef *def;   /* NULL for modules made of slots only */
    bool seen[STANDIN_N_SLOT_IDS];
    PyObject *(*create)(PyObject *, PyModuleDef *);
    int (*exec[STANDIN_MAX_EXEC])(PyObject *);
    int n_exec;
    bool requires_gil;
    const char *doc;
    Py_ssize_t state_size;
    PyMethodDef *methods;
    void (*state_free)(void *);
    const void *token;
};
int standin_read_def_slots(struct standin_slots *out);
int standin_read_slots(struct standin_slots *out, const PySlot *slots);
bool standin_requires_gil(uint64_t slot_value);

/* atexit.c: a module, and what it was told, at the end. */
void standin_atexit_start(void);
void standin_atexit_call(void);

/* sys.c, import.c: the modules that exist from the start, and those that are loaded. */
extern PyObject *standin_modules; /* sys.modules */
void standin_sys_start(void);
PyObject *standin_import_extension(const char *name, const char *path);
PyObject *PyImport_ImportModule(const char *name);

#endif
