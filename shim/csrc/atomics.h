/* SPDX-License-Identifier: 0BSD */
/* Atomic operations, each with its memory order named at the call. GCC and Clang have them as
 * builtins, MSVC as intrinsics; under PYSHIM_MODEL each one is a call into a model checker, and an
 * order is then the number of its site in orders.h. */
#ifndef PYSHIM_CORE_ATOMICS_H
#define PYSHIM_CORE_ATOMICS_H

#include "pyshim/python.h" /* PyObject */

#include <stdint.h> /* uintptr_t, intptr_t, uint32_t */

/* A compare-exchange changes `*expected` to what it found when it fails, and may demand less or more
 * of a failure than of a success. */

#if defined(PYSHIM_MODEL)

/* tests/model defines these. */
uintptr_t pyshim_model_load(uintptr_t at, int site);
void pyshim_model_store(uintptr_t at, uintptr_t value, int site);
uintptr_t pyshim_model_exchange(uintptr_t at, uintptr_t value, int site);
int pyshim_model_compare_exchange(uintptr_t at, uintptr_t *expected, uintptr_t desired,
                                  int success, int failure);
uintptr_t pyshim_model_fetch_or(uintptr_t at, uintptr_t bits, int site);
void pyshim_model_fence(int site);

#define PYSHIM_ATOMIC_TYPE(suffix, type)                                                           \
    static inline type pyshim_atomic_load_##suffix(type const *at, int order)                      \
    {                                                                                              \
        return (type)pyshim_model_load((uintptr_t)at, order);                                      \
    }                                                                                              \
    static inline void pyshim_atomic_store_##suffix(type *at, type value, int order)               \
    {                                                                                              \
        pyshim_model_store((uintptr_t)at, (uintptr_t)value, order);                                \
    }

#define PYSHIM_ATOMIC_POINTER_SIZED_TYPE(suffix, type)                                             \
    PYSHIM_ATOMIC_TYPE(suffix, type)                                                               \
    static inline type pyshim_atomic_exchange_##suffix(type *at, type value, int order)            \
    {                                                                                              \
        return (type)pyshim_model_exchange((uintptr_t)at, (uintptr_t)value, order);                \
    }                                                                                              \
    static inline int pyshim_atomic_compare_exchange_##suffix(type *at, type *expected,            \
                                                              type desired, int success,           \
                                                              int failure)                         \
    {                                                                                              \
        uintptr_t found = (uintptr_t)*expected;                                                    \
        int swapped = pyshim_model_compare_exchange((uintptr_t)at, &found, (uintptr_t)desired,     \
                                                    success, failure);                             \
        *expected = (type)found;                                                                   \
        return swapped;                                                                            \
    }

PYSHIM_ATOMIC_POINTER_SIZED_TYPE(u8, uint8_t)

static inline uintptr_t pyshim_atomic_fetch_or_word(uintptr_t *at, uintptr_t bits, int order)
{
    return pyshim_model_fetch_or((uintptr_t)at, bits, order);
}

static inline void pyshim_atomic_fence_after_rmw(int order)
{
    pyshim_model_fence(order);
}

#elif defined(_MSC_VER) && !defined(__clang__)

#include <intrin.h> /* the Interlocked family, barriers */

#define PYSHIM_RELAXED 0
#define PYSHIM_ACQUIRE 2
#define PYSHIM_RELEASE 3
#define PYSHIM_ACQ_REL 4
#define PYSHIM_SEQ_CST 5

#if defined(_M_ARM64)
#define PYSHIM_ATOMIC_BARRIER() __dmb(_ARM64_BARRIER_ISH)
#else
/* x86 reorders only a store with a later load, which no load or store here has to prevent. */
#define PYSHIM_ATOMIC_BARRIER() _ReadWriteBarrier()
#endif

#if defined(_WIN64)
#define PYSHIM_ATOMIC_WORD __int64
#define PYSHIM_ATOMIC_INTERLOCKED(operation) _Interlocked##operation##64
#else
#define PYSHIM_ATOMIC_WORD long
#define PYSHIM_ATOMIC_INTERLOCKED(operation) _Interlocked##operation
#endif

#define PYSHIM_ATOMIC_TYPE(suffix, type)                                                           \
    static inline type pyshim_atomic_load_##suffix(type const *at, int order)                      \
    {                                                                                              \
        type value = *(type const volatile *)at;                                                   \
        if (order != PYSHIM_RELAXED) {                                                             \
            PYSHIM_ATOMIC_BARRIER();                                                               \
        }                                                                                          \
        return value;                                                                              \
    }                                                                                              \
    static inline void pyshim_atomic_store_##suffix(type *at, type value, int order)               \
    {                                                                                              \
        if (order != PYSHIM_RELAXED) {                                                             \
            PYSHIM_ATOMIC_BARRIER();                                                               \
        }                                                                                          \
        *(type volatile *)at = value;                                                              \
    }

/* The Interlocked functions are full barriers, whatever order is asked. */
#define PYSHIM_ATOMIC_POINTER_SIZED_TYPE(suffix, type)                                             \
    PYSHIM_ATOMIC_TYPE(suffix, type)                                                               \
    static inline type pyshim_atomic_exchange_##suffix(type *at, type value, int order)            \
    {                                                                                              \
        (void)order;                                                                               \
        return (type)PYSHIM_ATOMIC_INTERLOCKED(Exchange)(                                          \
            (PYSHIM_ATOMIC_WORD volatile *)at, (PYSHIM_ATOMIC_WORD)value);                         \
    }                                                                                              \
    static inline int pyshim_atomic_compare_exchange_##suffix(type *at, type *expected,            \
                                                              type desired, int success,           \
                                                              int failure)                         \
    {                                                                                              \
        type found = (type)PYSHIM_ATOMIC_INTERLOCKED(CompareExchange)(                             \
            (PYSHIM_ATOMIC_WORD volatile *)at, (PYSHIM_ATOMIC_WORD)desired,                        \
            (PYSHIM_ATOMIC_WORD)*expected);                                                        \
        int swapped = found == *expected;                                                          \
        (void)success;                                                                             \
        (void)failure;                                                                             \
        *expected = found;                                                                         \
        return swapped;                                                                            \
    }

PYSHIM_ATOMIC_TYPE(u8, uint8_t)

static inline int pyshim_atomic_compare_exchange_u8(uint8_t *at, uint8_t *expected,
                                                    uint8_t desired, int success, int failure)
{
    uint8_t found = (uint8_t)_InterlockedCompareExchange8((char volatile *)at, (char)desired,
                                                          (char)*expected);
    int swapped = found == *expected;
    (void)success;
    (void)failure;
    *expected = found;
    return swapped;
}

static inline uintptr_t pyshim_atomic_fetch_or_word(uintptr_t *at, uintptr_t bits, int order)
{
    (void)order;
    return (uintptr_t)PYSHIM_ATOMIC_INTERLOCKED(Or)((PYSHIM_ATOMIC_WORD volatile *)at,
                                                    (PYSHIM_ATOMIC_WORD)bits);
}

/* On x86 the operation before it has been the barrier already. */
static inline void pyshim_atomic_fence_after_rmw(int order)
{
    (void)order;
    PYSHIM_ATOMIC_BARRIER();
}

#else

#define PYSHIM_RELAXED __ATOMIC_RELAXED
#define PYSHIM_ACQUIRE __ATOMIC_ACQUIRE
#define PYSHIM_RELEASE __ATOMIC_RELEASE
#define PYSHIM_ACQ_REL __ATOMIC_ACQ_REL
#define PYSHIM_SEQ_CST __ATOMIC_SEQ_CST

#define PYSHIM_ATOMIC_TYPE(suffix, type)                                                           \
    static inline type pyshim_atomic_load_##suffix(type const *at, int order)                      \
    {                                                                                              \
        return __atomic_load_n(at, order);                                                         \
    }                                                                                              \
    static inline void pyshim_atomic_store_##suffix(type *at, type value, int order)               \
    {                                                                                              \
        __atomic_store_n(at, value, order);                                                        \
    }

/* C11 has no compare-exchange that acquires only when it fails; the builtin gets the union. */
#define PYSHIM_ATOMIC_UNION(success, failure)                                                      \
    ((failure) != PYSHIM_ACQUIRE   ? (success)                                                     \
     : (success) == PYSHIM_RELAXED ? PYSHIM_ACQUIRE                                                \
     : (success) == PYSHIM_RELEASE ? PYSHIM_ACQ_REL                                                \
                                   : (success))

#define PYSHIM_ATOMIC_POINTER_SIZED_TYPE(suffix, type)                                             \
    PYSHIM_ATOMIC_TYPE(suffix, type)                                                               \
    static inline type pyshim_atomic_exchange_##suffix(type *at, type value, int order)            \
    {                                                                                              \
        return __atomic_exchange_n(at, value, order);                                              \
    }                                                                                              \
    static inline int pyshim_atomic_compare_exchange_##suffix(type *at, type *expected,            \
                                                              type desired, int success,           \
                                                              int failure)                         \
    {                                                                                              \
        return __atomic_compare_exchange_n(at, expected, desired, 0,                               \
                                           PYSHIM_ATOMIC_UNION(success, failure), failure);        \
    }

PYSHIM_ATOMIC_POINTER_SIZED_TYPE(u8, uint8_t)

static inline uintptr_t pyshim_atomic_fetch_or_word(uintptr_t *at, uintptr_t bits, int order)
{
    return __atomic_fetch_or(at, bits, order);
}

/* A fence right after a read-modify-write, which is a full barrier on x86: there only the compiler
 * is left to be told. */
static inline void pyshim_atomic_fence_after_rmw(int order)
{
#if defined(__x86_64__) || defined(__i386__)
    (void)order;
    __asm__ __volatile__("" ::: "memory");
#else
    __atomic_thread_fence(order);
#endif
}

#endif

PYSHIM_ATOMIC_TYPE(u32, uint32_t)
PYSHIM_ATOMIC_POINTER_SIZED_TYPE(word, uintptr_t)
PYSHIM_ATOMIC_POINTER_SIZED_TYPE(ssize, intptr_t)
PYSHIM_ATOMIC_POINTER_SIZED_TYPE(object, PyObject *)
PYSHIM_ATOMIC_POINTER_SIZED_TYPE(pointer, void *)

#endif
