/* One function for each slot, in the order of the slots. */
typedef struct @prefix@_table {
    uint32_t hash;
    uint32_t length;
@FIELDS@} @prefix@_table;

/* Points at stubs that raise until a module is initialised, then at one table, for good. */
extern @PREFIX@_HIDDEN const @prefix@_table *@prefix@_table_current;

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
