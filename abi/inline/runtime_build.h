/* The families that this module cannot do without. Where one cannot be had, the import fails and
 * says so. */
#ifndef PYSHIM_NEEDS
#define PYSHIM_NEEDS PYSHIM_NEEDS_ALL
#endif

/* What this translation unit was compiled as. */
static inline pyshim_build pyshim_this_build(void)
{
    pyshim_build build;
    build.size = sizeof(build);
    build.table_hash = PYSHIM_TABLE_HASH;
    build.table_length = PYSHIM_TABLE_LENGTH;
    build.python = 0;
    build.limited = 0;
    build.flags = 0;
    build.needs = PYSHIM_NEEDS;
    build.pointer_size = sizeof(void *);
    build.section_size = sizeof(pyshim_critical_section);
    build.section2_size = sizeof(pyshim_critical_section2);
    build.reserved = PYSHIM_NULL;
#ifdef PYSHIM_NO_PYTHON_H
    build.flags |= PYSHIM_BUILD_FLAGS_OPAQUE;
#else
    build.python = PY_VERSION_HEX;
#ifdef Py_GIL_DISABLED
    build.flags |= PYSHIM_BUILD_FLAGS_FREE_THREADED;
#endif
#if defined(PYSHIM_UNIVERSAL)
    build.limited = PYSHIM_UNIVERSAL;
    build.flags |= PYSHIM_BUILD_FLAGS_UNIVERSAL;
#elif defined(Py_LIMITED_API)
    build.limited = Py_LIMITED_API;
#else
    build.flags |= PYSHIM_BUILD_FLAGS_FULL_API;
#endif
#ifdef Py_TARGET_ABI3T
    build.flags |= PYSHIM_BUILD_FLAGS_OPAQUE;
#endif
#endif
    return build;
}

/* Initialises pyshim, for modules that do not go through pyshim_module_init. 0, or -1 with an
 * exception. */
static inline int pyshim_init(void)
{
    pyshim_build build = pyshim_this_build();
    return pyshim_init_build(&build);
}
