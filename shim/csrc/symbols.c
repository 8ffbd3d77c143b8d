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

/* Where CPython is. In an executable that is not position-independent the address of a library's
 * function is a stand-in within the executable; what one of the library's own pointers holds is not. */
#define PYSHIM_CORE_ANCHORS {(uintptr_t)&PyList_New, (uintptr_t)PyExc_ImportError}

#if defined(__APPLE__)
/* Whether an address lies in the same object as an anchor. */
static int pyshim_core_is_of_python(uintptr_t found)
{
    const uintptr_t anchors[] = PYSHIM_CORE_ANCHORS;
    Dl_info of_found, of_anchor;
    size_t i;
    if (dladdr((const void *)found, &of_found) == 0) {
        return 0;
    }
    for (i = 0; i < sizeof(anchors) / sizeof(anchors[0]); i++) {
        if (dladdr((const void *)anchors[i], &of_anchor) != 0
            && of_anchor.dli_fbase == of_found.dli_fbase) {
            return 1;
        }
    }
    return 0;
}
#else
#include <link.h> /* dl_iterate_phdr */

/* What is asked of each object. */
typedef struct pyshim_core_search {
    uintptr_t found;
    int is_of_python;
} pyshim_core_search;

/* Whether an object holds an address. */
static int pyshim_core_holds(const struct dl_phdr_info *object, uintptr_t address)
{
    size_t i;
    for (i = 0; i < object->dlpi_phnum; i++) {
        const uintptr_t start = object->dlpi_addr + object->dlpi_phdr[i].p_vaddr;
        if (object->dlpi_phdr[i].p_type == PT_LOAD && address >= start
            && address - start < object->dlpi_phdr[i].p_memsz) {
            return 1;
        }
    }
    return 0;
}

/* Ends the iteration at the object that holds the address. */
static int pyshim_core_look_into(struct dl_phdr_info *object, size_t size, void *asked)
{
    const uintptr_t anchors[] = PYSHIM_CORE_ANCHORS;
    pyshim_core_search *search = (pyshim_core_search *)asked;
    size_t i;
    (void)size;
    if (!pyshim_core_holds(object, search->found)) {
        return 0;
    }
    for (i = 0; i < sizeof(anchors) / sizeof(anchors[0]); i++) {
        search->is_of_python |= pyshim_core_holds(object, anchors[i]);
    }
    return 1;
}

/* Whether an address lies in the same object as an anchor. dladdr would go through all symbols of the
 * executable each time. */
static int pyshim_core_is_of_python(uintptr_t found)
{
    pyshim_core_search search = {found, 0};
    dl_iterate_phdr(pyshim_core_look_into, &search);
    return search.is_of_python;
}
#endif

static void *pyshim_core_find(const char *name)
{
    void *found = dlsym(RTLD_DEFAULT, name);
    return found != NULL && pyshim_core_is_of_python((uintptr_t)found) ? found : NULL;
}
#endif
