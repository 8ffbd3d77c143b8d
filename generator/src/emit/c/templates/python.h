/* Brings Python.h, refuses what cannot work, and settles how this translation unit is compiled. */
#ifndef @PREFIX@_PYTHON_H
#define @PREFIX@_PYTHON_H

@LANGUAGE_GUARDS@

#ifdef @PREFIX@_NO_PYTHON_H
#include <stddef.h> /* size_t, offsetof */
#include <stdint.h> /* uintptr_t, uint32_t */

/* As CPython's headers declare them; the core and Rust need no more than that. */
typedef struct _object PyObject;
typedef intptr_t Py_ssize_t;
#else
#include <patchlevel.h> /* PY_VERSION_HEX, before Python.h can complain in its own words */
#include <pyconfig.h>   /* Py_GIL_DISABLED */
@GUARDS@
@UNIVERSAL@#include <Python.h> /* before any other header, for it sets what those offer */
#include <stddef.h> /* size_t, offsetof */
#include <stdint.h> /* uintptr_t, uint32_t */
#endif

/* 1 in the full API of an observed CPython, the one that the code is for, so that functions are
 * inline; 0 where calls go through the table, which asks the running CPython. */
#if defined(Py_LIMITED_API) || defined(@PREFIX@_NO_PYTHON_H) || defined(@PREFIX@_FORCE_TABLE)
#define @PREFIX@_DIRECT 0
#elif PY_VERSION_HEX >= 0x@UNOBSERVED@
#define @PREFIX@_DIRECT 0
#else
#define @PREFIX@_DIRECT 1
#endif

/* Each extension has its own copy of what is hidden, so two of them never meet. */
#if defined(@PREFIX@_SHARED) && defined(_WIN32)
#define @PREFIX@_HIDDEN
#define @PREFIX@_PUBLIC __declspec(dllexport)
#elif defined(@PREFIX@_SHARED)
#define @PREFIX@_HIDDEN __attribute__((visibility("hidden")))
#define @PREFIX@_PUBLIC __attribute__((visibility("default")))
#elif defined(_WIN32)
#define @PREFIX@_HIDDEN
#define @PREFIX@_PUBLIC
#else
#define @PREFIX@_HIDDEN __attribute__((visibility("hidden")))
#define @PREFIX@_PUBLIC @PREFIX@_HIDDEN
#endif

#if defined(_MSC_VER)
#define @PREFIX@_DEPRECATED(text) __declspec(deprecated(text))
#else
#define @PREFIX@_DEPRECATED(text) __attribute__((deprecated(text)))
#endif

/* How wide types are and how they are aligned; layouts are asserted where one of these is 1. */
#define @PREFIX@_DATA_MODEL_LP64 0
#define @PREFIX@_DATA_MODEL_LLP64 0
#define @PREFIX@_DATA_MODEL_ILP32 0
#define @PREFIX@_DATA_MODEL_ILP32_ALIGN8 0
#if UINTPTR_MAX > 0xFFFFFFFFu && defined(_WIN32)
#undef @PREFIX@_DATA_MODEL_LLP64
#define @PREFIX@_DATA_MODEL_LLP64 1
#elif UINTPTR_MAX > 0xFFFFFFFFu
#undef @PREFIX@_DATA_MODEL_LP64
#define @PREFIX@_DATA_MODEL_LP64 1
#elif defined(__i386__) && !defined(_WIN32)
#undef @PREFIX@_DATA_MODEL_ILP32
#define @PREFIX@_DATA_MODEL_ILP32 1
#elif defined(_WIN32) || defined(__arm__)
#undef @PREFIX@_DATA_MODEL_ILP32_ALIGN8
#define @PREFIX@_DATA_MODEL_ILP32_ALIGN8 1
#endif

/* A null pointer, and a pointer as one to another struct, in the words of C++ where compilers can
 * warn of those of C. */
#ifdef __cplusplus
#define @PREFIX@_NULL nullptr
#define @PREFIX@_CAST(type, pointer)                                                               \
    static_cast<type>(const_cast<void *>(static_cast<const void *>(pointer)))
#else
#define @PREFIX@_NULL NULL
#define @PREFIX@_CAST(type, pointer) ((type)(pointer))
#endif

/* A condition that the compiler checks; `tag` is unique in the translation unit. */
#if defined(__cplusplus)
#define @PREFIX@_ASSERT(tag, condition, text) static_assert(condition, text)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define @PREFIX@_ASSERT(tag, condition, text) _Static_assert(condition, text)
#else
#define @PREFIX@_ASSERT(tag, condition, text) extern char tag[(condition) ? 1 : -1]
#endif

#endif
