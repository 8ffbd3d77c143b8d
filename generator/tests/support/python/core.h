/* What the C core gives to its generated part, for a project whose prefix is acme. */
#include "dispatch.h"

typedef void (*acme_core_function)(void);

typedef struct acme_core_symbol {
    uint16_t symbol;
    uint16_t since, until;
    uint8_t builds;
} acme_core_symbol;

typedef struct acme_core_member {
    uint16_t group;
    uint16_t symbol;
} acme_core_member;

typedef struct acme_core_provider {
    uint16_t slot;
    uint16_t since, until;
    uint8_t builds;
    int16_t group;
    int16_t symbol;
    acme_core_function function;
    const char *name;
} acme_core_provider;

static inline int acme_core_in_range(unsigned version, unsigned build, unsigned since,
                                     unsigned until, unsigned builds)
{
    return version >= since && version < until && (build & builds) != 0;
}

static inline void acme_core_raise_uninitialised(const char *function)
{
    (void)function;
}

static inline void acme_core_abort_uninitialised(const char *function)
{
    (void)function;
}
