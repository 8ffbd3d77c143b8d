#ifdef __cplusplus
#define PYSHIM_ADDRESS(pointer) reinterpret_cast<uintptr_t>(pointer)
#define PYSHIM_C extern "C"
#else
#define PYSHIM_ADDRESS(pointer) ((uintptr_t)(pointer))
#define PYSHIM_C
#endif

/* What is said of a module: one array of these, with PYSHIM_SLOT_END behind them. */
#define PYSHIM_SLOT_DOC(text) {PYSHIM_KIND_DOC, PYSHIM_ADDRESS(text)}
#define PYSHIM_SLOT_STATE(type) {PYSHIM_KIND_STATE, sizeof(type)}
#define PYSHIM_SLOT_METHODS(methods) {PYSHIM_KIND_METHODS, PYSHIM_ADDRESS(methods)}
#define PYSHIM_SLOT_TRAVERSE(function) {PYSHIM_KIND_TRAVERSE, PYSHIM_ADDRESS(function)}
#define PYSHIM_SLOT_CLEAR(function) {PYSHIM_KIND_CLEAR, PYSHIM_ADDRESS(function)}
#define PYSHIM_SLOT_FREE(function) {PYSHIM_KIND_FREE, PYSHIM_ADDRESS(function)}
#define PYSHIM_SLOT_EXEC(function) {PYSHIM_KIND_EXEC, PYSHIM_ADDRESS(function)}
#define PYSHIM_SLOT_CREATE(function) {PYSHIM_KIND_CREATE, PYSHIM_ADDRESS(function)}
#define PYSHIM_SLOT_GIL(bits) {PYSHIM_KIND_GIL, bits}
#define PYSHIM_SLOT_INTERPRETERS(which) {PYSHIM_KIND_INTERPRETERS, which}
#define PYSHIM_SLOT_TYPE(type) {PYSHIM_KIND_TYPE, PYSHIM_ADDRESS(type)}
#define PYSHIM_SLOT_END {PYSHIM_KIND_END, 0}

/* For `static pyshim_type t = PYSHIM_TYPE("module.Name", data, flags, slots);`, where `data` is the
 * struct that each object has, and `slots` an array of PyType_Slot. */
#define PYSHIM_TYPE(name, data, flags, slots)                                                    \
    {name, slots, sizeof(data), flags, PYSHIM_NULL, PYSHIM_NULL}

/* The data of an object of that type, or of one that derives from it. An object was made after what
 * `made` leads to, which is not written again, so this needs no atomic load. */
static inline void *pyshim_type_data(const pyshim_type *type, PyObject *self)
{
    return PYSHIM_CAST(char *, self) + *PYSHIM_CAST(const uintptr_t *, type->made);
}

/* The end of the tp_traverse of a type over any base: visits what the base has in the object, and its type.
 * What `visit` returns other than 0 is returned, and nothing more is visited. */
static inline int pyshim_type_traverse_base(const pyshim_type *type, PyObject *self,
                                            int (*visit)(PyObject *, void *), void *arg)
{
    return pyshim_type_traverse_base_by(type, self, PYSHIM_ADDRESS(visit), arg);
}

#if defined(_WIN32)
#define PYSHIM_EXPORTED PYSHIM_C __declspec(dllexport)
#else
#define PYSHIM_EXPORTED PYSHIM_C __attribute__((visibility("default")))
#endif

#ifndef PYSHIM_NO_PYTHON_H
#ifdef PyMODEXPORT_FUNC
#define PYSHIM_EXPORT_HOOK PyMODEXPORT_FUNC
#define PYSHIM_EXPORT_SLOTS PySlot *
#else
#define PYSHIM_EXPORT_HOOK PYSHIM_EXPORTED void *
#define PYSHIM_EXPORT_SLOTS void *
#endif

/* Before 3.13 these take the lengths of `#` for ints, or refuse it, and the names that take them for
 * Py_ssize_t, as newer ones do, are exported by all. */
#ifdef PYSHIM_UNIVERSAL
#include <stdarg.h> /* va_list */

#ifdef __cplusplus
extern "C" {
#endif
PyAPI_FUNC(int) _PyArg_Parse_SizeT(PyObject *, const char *, ...);
PyAPI_FUNC(int) _PyArg_ParseTuple_SizeT(PyObject *, const char *, ...);
PyAPI_FUNC(int)
    _PyArg_ParseTupleAndKeywords_SizeT(PyObject *, PyObject *, const char *,
                                       PY_CXX_CONST char *const *, ...);
PyAPI_FUNC(int) _PyArg_VaParse_SizeT(PyObject *, const char *, va_list);
PyAPI_FUNC(int)
    _PyArg_VaParseTupleAndKeywords_SizeT(PyObject *, PyObject *, const char *,
                                         PY_CXX_CONST char *const *, va_list);
PyAPI_FUNC(PyObject *) _Py_VaBuildValue_SizeT(const char *, va_list);
PyAPI_FUNC(PyObject *) _Py_BuildValue_SizeT(const char *, ...);
PyAPI_FUNC(PyObject *) _PyObject_CallFunction_SizeT(PyObject *, const char *, ...);
PyAPI_FUNC(PyObject *)
    _PyObject_CallMethod_SizeT(PyObject *, const char *, const char *, ...);
#ifdef __cplusplus
}
#endif
#define PyArg_Parse _PyArg_Parse_SizeT
#define PyArg_ParseTuple _PyArg_ParseTuple_SizeT
#define PyArg_ParseTupleAndKeywords _PyArg_ParseTupleAndKeywords_SizeT
#define PyArg_VaParse _PyArg_VaParse_SizeT
#define PyArg_VaParseTupleAndKeywords _PyArg_VaParseTupleAndKeywords_SizeT
#define Py_VaBuildValue _Py_VaBuildValue_SizeT
#define Py_BuildValue _Py_BuildValue_SizeT
#define PyObject_CallFunction _PyObject_CallFunction_SizeT
#define PyObject_CallMethod _PyObject_CallMethod_SizeT
#endif

/* Newer headers do not count what lives for ever, and before 3.12 that is counted. */
#ifdef PYSHIM_UNIVERSAL
#undef Py_RETURN_NONE
#undef Py_RETURN_TRUE
#undef Py_RETURN_FALSE
#undef Py_RETURN_NOTIMPLEMENTED
#define Py_RETURN_NONE return Py_NewRef(Py_None)
#define Py_RETURN_TRUE return Py_NewRef(Py_True)
#define Py_RETURN_FALSE return Py_NewRef(Py_False)
#define Py_RETURN_NOTIMPLEMENTED return Py_NewRef(Py_NotImplemented)
#endif

/* Only a C core that was compiled with PYSHIM_UNIVERSAL, too, has this, as it has the functions that older
 * CPythons lack; with another, linking stops. */
#ifdef PYSHIM_UNIVERSAL
#ifdef __cplusplus
extern "C" {
#endif
extern PYSHIM_HIDDEN const char pyshim_core_for_universal;
#ifdef __cplusplus
}
#endif
#define PYSHIM_CORE_FITS (pyshim_core_for_universal != 0)
#else
#define PYSHIM_CORE_FITS 1
#endif

/* The module `name`, of which `slots` are said, with the hooks that CPythons before and since 3.15
 * look for. It stands once in an extension, outside of functions. The name is taken as it stands: `linux`
 * and `errno` are macros to some. Around it, a macro of the author's own may have a macro for the name. */
#define PYSHIM_MODULE(name, slots)                                                               \
    static const pyshim_build pyshim_build_of_##name = PYSHIM_THIS_BUILD;                        \
    static pyshim_module pyshim_module_of_##name = {#name, slots, PYSHIM_NULL,                   \
                                                    &pyshim_build_of_##name, PYSHIM_NULL};       \
    PYSHIM_EXPORTED PyObject *PyInit_##name(void);                                               \
    PYSHIM_EXPORTED PyObject *PyInit_##name(void)                                                \
    {                                                                                            \
        return PYSHIM_CORE_FITS ? pyshim_module_hook_init(&pyshim_module_of_##name)              \
                                : PYSHIM_NULL;                                                   \
    }                                                                                            \
    PYSHIM_EXPORT_HOOK PyModExport_##name(void);                                                 \
    PYSHIM_EXPORT_HOOK PyModExport_##name(void)                                                  \
    {                                                                                            \
        return PYSHIM_CORE_FITS                                                                  \
                   ? PYSHIM_CAST(PYSHIM_EXPORT_SLOTS,                                            \
                                 pyshim_module_hook_export(&pyshim_module_of_##name))            \
                   : PYSHIM_NULL;                                                                \
    }                                                                                            \
    extern int pyshim_module_is_declared_##name
#endif
