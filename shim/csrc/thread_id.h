/* SPDX-License-Identifier: 0BSD */
/* The id of the calling thread as free-threaded CPython computes it: what it compares `ob_tid`
 * with. The cases are those of `_Py_ThreadId` in the headers of 3.13 to 3.15, which are alike. */
#ifndef PYSHIM_CORE_THREAD_ID_H
#define PYSHIM_CORE_THREAD_ID_H

#include "core.h" /* pyshim_core_get */

#if defined(PYSHIM_MODEL)
uintptr_t pyshim_model_thread_id(void); /* tests/model defines it */
#elif defined(_MSC_VER) || defined(__MINGW32__)
#include <intrin.h> /* __readgsqword, __readfsdword, __getReg */
#endif

/* No thread's id, and unlike 0 not the owner of a merged object either. */
#define PYSHIM_THREAD_ID_UNKNOWN ((uintptr_t)1)

static inline uintptr_t pyshim_core_thread_id(void)
{
    uintptr_t id;
#if defined(PYSHIM_MODEL)
    id = pyshim_model_thread_id();
#elif (defined(_MSC_VER) || defined(__MINGW32__)) && (defined(_M_X64) || defined(__x86_64__))
    id = (uintptr_t)__readgsqword(48);
#elif (defined(_MSC_VER) || defined(__MINGW32__)) && (defined(_M_IX86) || defined(__i386__))
    id = (uintptr_t)__readfsdword(24);
#elif defined(_MSC_VER) && defined(_M_ARM64)
    id = (uintptr_t)__getReg(18);
#elif defined(__MINGW32__) && defined(__aarch64__)
    __asm__("mov %0, x18" : "=r"(id));
#elif defined(__i386__)
    __asm__("movl %%gs:0, %0" : "=r"(id));
#elif defined(__APPLE__) && defined(__x86_64__)
    __asm__("movq %%gs:0, %0" : "=r"(id));
#elif defined(__x86_64__)
    __asm__("movq %%fs:0, %0" : "=r"(id));
#elif defined(__arm__) && defined(__ARM_ARCH) && __ARM_ARCH >= 7
    __asm__("mrc p15, 0, %0, c13, c0, 3\n\tbic %0, %0, #3" : "=r"(id));
#elif defined(__aarch64__) && defined(__APPLE__)
    __asm__("mrs %0, tpidrro_el0" : "=r"(id));
#elif defined(__aarch64__)
    __asm__("mrs %0, tpidr_el0" : "=r"(id));
#elif defined(__powerpc64__)
    register uintptr_t pointer __asm__("r13");
    __asm__("" : "=r"(pointer));
    id = pointer;
#elif defined(__powerpc__)
    register uintptr_t pointer __asm__("r2");
    __asm__("" : "=r"(pointer));
    id = pointer;
#elif defined(__s390__)
    id = (uintptr_t)__builtin_thread_pointer();
#elif defined(__riscv)
    __asm__("mv %0, tp" : "=r"(id));
#else
    /* Found at initialisation. Without it no object counts as the caller's own, which is correct
     * and slower, and more try-increfs fail that may. */
    const pyshim_core_loaded *loaded = pyshim_core_get();
    id = loaded != NULL && loaded->natives._py_getthreadlocal_addr != NULL
             ? loaded->natives._py_getthreadlocal_addr()
             : PYSHIM_THREAD_ID_UNKNOWN;
#endif
    return id;
}

#endif
