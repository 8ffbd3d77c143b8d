/* MSVC's intrinsics in terms of GCC's, so that the branch of atomics.h for MSVC is compiled and run
 * where there is no MSVC. Loads and stores stay the plain volatile ones that the branch has. */
#ifndef RACE_MSVC_INTRIN_H
#define RACE_MSVC_INTRIN_H

#include <stdint.h> /* uintptr_t */

#define __int64 long long

#define _ReadWriteBarrier() __asm__ __volatile__("" ::: "memory")

static inline __int64 _InterlockedExchange64(__int64 volatile *at, __int64 value)
{
    return __atomic_exchange_n(at, value, __ATOMIC_SEQ_CST);
}

static inline __int64 _InterlockedCompareExchange64(__int64 volatile *at, __int64 desired,
                                                    __int64 expected)
{
    __atomic_compare_exchange_n(at, &expected, desired, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    return expected;
}

static inline char _InterlockedCompareExchange8(char volatile *at, char desired, char expected)
{
    __atomic_compare_exchange_n(at, &expected, desired, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    return expected;
}

static inline __int64 _InterlockedOr64(__int64 volatile *at, __int64 bits)
{
    return __atomic_fetch_or(at, bits, __ATOMIC_SEQ_CST);
}

/* `unsigned long` has 32 bits on Windows; that it has 64 here does no harm. */
static inline unsigned char _BitScanForward64(unsigned long *number, unsigned __int64 word)
{
    *number = (unsigned long)__builtin_ctzll(word);
    return word != 0;
}

/* The thread pointer, which is not at this place on Windows. */
static inline uintptr_t __readgsqword(unsigned long offset)
{
    uintptr_t id;
    (void)offset;
    __asm__("movq %%fs:0, %0" : "=r"(id));
    return id;
}

#endif
