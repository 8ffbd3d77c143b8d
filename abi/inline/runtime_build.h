/* The families that this module cannot do without. Where one cannot be had, the import fails and
 * says so. */
#ifndef PYSHIM_NEEDS
#define PYSHIM_NEEDS PYSHIM_NEEDS_ALL
#endif

#ifdef PYSHIM_NO_PYTHON_H
#define PYSHIM_BUILD_PYTHON 0
#define PYSHIM_BUILD_LIMITED 0
#define PYSHIM_BUILD_API PYSHIM_BUILD_FLAGS_OPAQUE
#else
#define PYSHIM_BUILD_PYTHON PY_VERSION_HEX
#if defined(PYSHIM_UNIVERSAL)
#define PYSHIM_BUILD_LIMITED PYSHIM_UNIVERSAL
#define PYSHIM_BUILD_API PYSHIM_BUILD_FLAGS_UNIVERSAL
#elif defined(Py_LIMITED_API)
#define PYSHIM_BUILD_LIMITED Py_LIMITED_API
#define PYSHIM_BUILD_API 0
#else
#define PYSHIM_BUILD_LIMITED 0
#define PYSHIM_BUILD_API PYSHIM_BUILD_FLAGS_FULL_API
#endif
#endif
#if defined(Py_GIL_DISABLED) && !defined(PYSHIM_NO_PYTHON_H)
#define PYSHIM_BUILD_THREADS PYSHIM_BUILD_FLAGS_FREE_THREADED
#else
#define PYSHIM_BUILD_THREADS 0
#endif
#if defined(Py_TARGET_ABI3T) && !defined(PYSHIM_NO_PYTHON_H)
#define PYSHIM_BUILD_OBJECTS PYSHIM_BUILD_FLAGS_OPAQUE
#else
#define PYSHIM_BUILD_OBJECTS 0
#endif

#include "critical_section.h" /* two of the sizes */

/* What this translation unit was compiled as, to initialise a pyshim_build with. */
#define PYSHIM_THIS_BUILD                                                                        \
    {sizeof(pyshim_build),                                                                       \
     PYSHIM_TABLE_HASH,                                                                          \
     PYSHIM_TABLE_LENGTH,                                                                        \
     PYSHIM_BUILD_PYTHON,                                                                        \
     PYSHIM_BUILD_LIMITED,                                                                       \
     PYSHIM_BUILD_API | PYSHIM_BUILD_THREADS | PYSHIM_BUILD_OBJECTS,                             \
     PYSHIM_NEEDS,                                                                               \
     sizeof(void *),                                                                             \
     sizeof(pyshim_critical_section),                                                            \
     sizeof(pyshim_critical_section2),                                                           \
     PYSHIM_NULL}

/* The same as a value. */
static inline pyshim_build pyshim_this_build(void)
{
    const pyshim_build build = PYSHIM_THIS_BUILD;
    return build;
}

/* Initialises pyshim, for modules that do not go through pyshim_module_init. 0, or -1 with an
 * exception. */
static inline int pyshim_init(void)
{
    pyshim_build build = pyshim_this_build();
    return pyshim_init_build(&build);
}
