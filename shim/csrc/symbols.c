/* SPDX-License-Identifier: 0BSD */
/* Finds CPython's own functions by name.
 *
 * The process may hold other things of the same name: another extension's copy, a preloaded
 * library, a second interpreter. So a symbol counts only when it lies in the same object, the
 * executable or a library, as functions that this extension is linked with already. Objects are
 * never opened by name, which fails on static executables and finds the wrong DLL on Windows. */

#include <stdio.h> /* snprintf */

/* As much of a path as a message shows. */
#define PYSHIM_CORE_FILE_ROOM 1024

#if defined(_WIN32)
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h> /* GetModuleHandleExA, GetProcAddress */

static void *pyshim_core_find(const char *name)
{
    HMODULE module = NULL;
    /* Imports are bound to the real function, also when they go through python3.dll. */
    if (!GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS
                                | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                            (LPCSTR)(uintptr_t)&PyList_New, &module)) {
        return NULL;
    }
    return (void *)(uintptr_t)GetProcAddress(module, name);
}

/* The file that this extension was loaded from. */
static const char *pyshim_core_own_file(char *room)
{
    HMODULE module = NULL;
    DWORD length = 0;
    if (GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS
                               | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                           (LPCSTR)(uintptr_t)&pyshim_core_own_file, &module)) {
        length = GetModuleFileNameA(module, room, PYSHIM_CORE_FILE_ROOM);
    }
    return length != 0 ? room : "it";
}

#else
#include <dlfcn.h> /* dlsym, dladdr */

/* The file that this extension was loaded from. */
static const char *pyshim_core_own_file(char *room)
{
    Dl_info info;
    if (dladdr((const void *)(uintptr_t)&pyshim_core_own_file, &info) == 0
        || info.dli_fname == NULL) {
        return "it";
    }
    snprintf(room, PYSHIM_CORE_FILE_ROOM, "%s", info.dli_fname);
    return room;
}

/* The object that holds an address. */
static void *pyshim_core_object_of(const void *address)
{
    Dl_info info;
    return dladdr(address, &info) != 0 ? info.dli_fbase : NULL;
}

static void *pyshim_core_find(const char *name)
{
    /* In an executable that is not position-independent the address of a library's function is a
     * stand-in within the executable; what one of the library's own pointers holds is not. */
    const uintptr_t anchors[] = {(uintptr_t)&PyList_New, (uintptr_t)PyExc_ImportError};
    void *found = dlsym(RTLD_DEFAULT, name);
    void *home;
    size_t i;
    if (found == NULL) {
        return NULL;
    }
    home = pyshim_core_object_of(found);
    for (i = 0; i < sizeof(anchors) / sizeof(anchors[0]); i++) {
        if (home != NULL && home == pyshim_core_object_of((const void *)anchors[i])) {
            return found;
        }
    }
    return NULL;
}
#endif
