/* SPDX-License-Identifier: 0BSD */
/* What the files of the C core share. */
#ifndef PYSHIM_CORE_H
#define PYSHIM_CORE_H

#include "pyshim.h"
#include "generated/dispatch.h"
#include "generated/upstream.h"

/* A function of whatever type; cast back before it is called. */
typedef void (*pyshim_core_function)(void);

/* Where one symbol may be bound. Versions are PY_VERSION_HEX >> 16; `until` is the first that is
 * out. */
typedef struct pyshim_core_symbol {
    uint16_t symbol;
    uint16_t since, until;
    uint8_t builds;
} pyshim_core_symbol;

/* A symbol of a group that is bound together or not at all. */
typedef struct pyshim_core_member {
    uint16_t group;
    uint16_t symbol;
} pyshim_core_member;

/* One way to provide a slot. `group` and `symbol` are -1 where none is needed. */
typedef struct pyshim_core_provider {
    uint16_t slot;
    uint16_t since, until;
    uint8_t builds;
    int16_t group;
    int16_t symbol;
    pyshim_core_function function;
    const char *name;
} pyshim_core_provider;

/* What is true of the running CPython. */
typedef struct pyshim_core_facts {
    unsigned version; /* PY_VERSION_HEX >> 16 */
    unsigned build;   /* PYSHIM_RUNTIME_GIL or PYSHIM_RUNTIME_FT */
    int sections;     /* one of PYSHIM_SECTIONS_* */
} pyshim_core_facts;

/* Everything that initialisation finds. It is made in private, published through the table pointer,
 * and never written again nor freed. */
typedef struct pyshim_core_loaded {
    pyshim_table table; /* first, so that the table pointer leads here */
    pyshim_core_natives natives;
    pyshim_core_facts facts;
    const char *providers[PYSHIM_TABLE_LENGTH]; /* NULL where the slot cannot be had */
} pyshim_core_loaded;

/* What is published, or NULL before that. */
static const pyshim_core_loaded *pyshim_core_get(void);

/* The symbol of that name in the running CPython itself, or NULL. */
static void *pyshim_core_find(const char *name);

static inline int pyshim_core_in_range(unsigned version, unsigned build, unsigned since,
                                       unsigned until, unsigned builds)
{
    return version >= since && version < until && (build & builds) != 0;
}

/* Raises what a thread gets that initialises something and asks for it. -1. */
static int pyshim_core_once_refuse(void);

/* Raises what a thread gets where a function of CPython's that it needs is not there. */
static void pyshim_core_raise_not_exported(const char *name);

/* Stubs report through these. */
static void pyshim_core_raise_uninitialised(const char *function);
static void pyshim_core_abort_uninitialised(const char *function);

#endif
