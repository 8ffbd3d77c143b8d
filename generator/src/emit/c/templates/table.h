/* The dispatch table: who does what on the running CPython. */
#ifndef @PREFIX@_TABLE_H
#define @PREFIX@_TABLE_H

#include "python.h"

#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h> /* __ldar64 on Arm */
#endif

/* CRC-32 of the slots and their signatures; the C core refuses headers with another. */
#define @PREFIX@_TABLE_HASH 0x@HASH@u
/* How many slots this release has. */
#define @PREFIX@_TABLE_LENGTH @LENGTH@u

#ifdef __cplusplus
extern "C" {
#endif

@FORWARD@
/* One function for each slot, in the order of the slots. */
typedef struct @prefix@_table {
    uint32_t hash;
    uint32_t length;
@FIELDS@} @prefix@_table;

/* Points at stubs that raise until a module is initialised, then at one table, for good. */
extern @PREFIX@_PUBLIC const @prefix@_table *@prefix@_table_current;

/* Acquires what the table leads to; its partner is the release of the thread that published it. */
#ifndef @PREFIX@_ORDER_TABLE_GET
#define @PREFIX@_ORDER_TABLE_GET 2 /* __ATOMIC_ACQUIRE */
#endif

/* The table in use. */
static inline const @prefix@_table *@prefix@_table_get(void)
{
#if defined(_MSC_VER) && !defined(__clang__) && defined(_M_ARM64)
    return (const @prefix@_table *)__ldar64((unsigned __int64 volatile *)&@prefix@_table_current);
#elif defined(_MSC_VER) && !defined(__clang__)
    /* A volatile load is an acquire load on x86. */
    return *(const @prefix@_table *volatile *)&@prefix@_table_current;
#else
    return __atomic_load_n(&@prefix@_table_current, @PREFIX@_ORDER_TABLE_GET);
#endif
}

#ifdef __cplusplus
}
#endif

#endif
