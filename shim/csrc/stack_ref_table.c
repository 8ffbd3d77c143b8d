/* SPDX-License-Identifier: 0BSD */
/* The handles of one thread state. */

#include "stack_ref.h"

/* A handle is an odd number, so that none is the address of an object: from the lowest bit on, that
 * one, the entry, the table, and how often the entry was used. */
#if UINTPTR_MAX > 0xFFFFFFFFu
#define PYSHIM_STACK_ENTRY_BITS 24
#define PYSHIM_STACK_TABLE_BITS 15
#define PYSHIM_STACK_GENERATION_BITS 24
#else
#define PYSHIM_STACK_ENTRY_BITS 16
#define PYSHIM_STACK_TABLE_BITS 6
#define PYSHIM_STACK_GENERATION_BITS 9
#endif
#define PYSHIM_STACK_MASK(bits) (((uintptr_t)1 << (bits)) - 1)

/* An entry is used again when so many others have been closed after it, so that a report can say
 * where that was. */
#define PYSHIM_STACK_REMEMBERED 1024

static uintptr_t pyshim_core_stack_handle(const pyshim_core_stack_table *table, uint32_t index)
{
    uintptr_t handle = table->entries[index].generation;
    handle = handle << PYSHIM_STACK_TABLE_BITS
             | (table->number & PYSHIM_STACK_MASK(PYSHIM_STACK_TABLE_BITS));
    return (handle << PYSHIM_STACK_ENTRY_BITS | index) << 1 | 1;
}

/* The index of the entry that was made with this handle, whatever became of it; 0 where that is not
 * known. */
static uint32_t pyshim_core_stack_find(const pyshim_core_stack_table *table, uintptr_t handle)
{
    uint32_t index = (uint32_t)(handle >> 1 & PYSHIM_STACK_MASK(PYSHIM_STACK_ENTRY_BITS));
    return index < table->used && pyshim_core_stack_handle(table, index) == handle ? index : 0;
}

static void pyshim_core_stack_link(pyshim_core_stack_table *table, uint32_t index, uint32_t frame)
{
    pyshim_core_stack_entry *entry = &table->entries[index];
    uint32_t *first = &table->frames[frame].first;
    entry->frame = frame;
    entry->previous = 0;
    entry->next = *first;
    table->entries[*first].previous = index; /* that of entry 0 is nobody's */
    *first = index;
}

static void pyshim_core_stack_unlink(pyshim_core_stack_table *table, uint32_t index)
{
    pyshim_core_stack_entry *entry = &table->entries[index];
    if (entry->frame == PYSHIM_STACK_NO_FRAME) {
        return;
    }
    if (entry->previous != 0) {
        table->entries[entry->previous].next = entry->next;
    } else {
        table->frames[entry->frame].first = entry->next;
    }
    table->entries[entry->next].previous = entry->previous;
    entry->frame = PYSHIM_STACK_NO_FRAME;
}

static uint32_t pyshim_core_stack_fresh(pyshim_core_stack_table *table)
{
    if (table->used == table->room) {
        table->room *= 2;
        if (table->room > PYSHIM_STACK_MASK(PYSHIM_STACK_ENTRY_BITS)) {
            Py_FatalError("pyshim: too many stack references are open in one thread");
        }
        table->entries = (pyshim_core_stack_entry *)pyshim_core_stack_grown(
            table->entries, table->room, sizeof(*table->entries));
    }
    table->entries[table->used].generation = 0;
    return table->used++;
}

static uint32_t pyshim_core_stack_reused(pyshim_core_stack_table *table)
{
    uint32_t index = table->free_first;
    pyshim_core_stack_entry *entry = &table->entries[index];
    table->free_first = entry->next;
    table->n_free--;
    entry->generation++;
    entry->generation &= PYSHIM_STACK_MASK(PYSHIM_STACK_GENERATION_BITS);
    return index;
}

/* Makes an entry in the innermost frame. */
static uint32_t pyshim_core_stack_make(pyshim_core_stack_table *table, PyObject *object,
                                       const pyshim_core_stack_place *at)
{
    static const pyshim_core_stack_place nowhere = {NULL, 0, 0};
    uint32_t index = table->n_free > PYSHIM_STACK_REMEMBERED ? pyshim_core_stack_reused(table)
                                                             : pyshim_core_stack_fresh(table);
    pyshim_core_stack_entry *entry = &table->entries[index];
    entry->object = object;
    entry->owner = 0;
    entry->created = *at;
    entry->borrowed = nowhere;
    entry->closed = nowhere;
    entry->borrows = 0;
    entry->state = PYSHIM_STACK_OPEN;
    entry->is_borrow = 0;
    pyshim_core_stack_link(table, index, table->depth);
    return index;
}

/* The entry is no longer open; it waits in the queue to be used again. */
static void pyshim_core_stack_end(pyshim_core_stack_table *table, uint32_t index, int state,
                                  const pyshim_core_stack_place *at)
{
    pyshim_core_stack_entry *entry = &table->entries[index];
    uint32_t owner = entry->owner != 0 ? pyshim_core_stack_find(table, entry->owner) : 0;
    if (owner != 0) {
        table->entries[owner].borrows--;
    }
    pyshim_core_stack_unlink(table, index);
    entry->state = (unsigned char)state;
    entry->closed = *at;
    entry->next = 0;
    if (table->n_free++ == 0) {
        table->free_first = index;
    } else {
        table->entries[table->free_last].next = index;
    }
    table->free_last = index;
}

/* What it is to do this with a reference that is no longer open. */
static int pyshim_core_stack_mistake(pyshim_core_stack_use use, int state)
{
    if (use == PYSHIM_STACK_CLOSE && state == PYSHIM_STACK_CLOSED) {
        return PYSHIM_STACK_REF_CLOSED_TWICE;
    }
    if (use == PYSHIM_STACK_STEAL && state == PYSHIM_STACK_STOLEN) {
        return PYSHIM_STACK_REF_STOLEN_TWICE;
    }
    return use == PYSHIM_STACK_BORROW ? PYSHIM_STACK_REF_BORROWED_AFTER_CLOSE
                                      : PYSHIM_STACK_REF_USED_AFTER_CLOSE;
}

/* The entry of a borrow's owner when that is no longer open, and 0 otherwise. */
static uint32_t pyshim_core_stack_lost_owner(const pyshim_core_stack_table *table,
                                             const pyshim_core_stack_entry *entry)
{
    uint32_t owner = entry->owner != 0 ? pyshim_core_stack_find(table, entry->owner) : 0;
    return table->entries[owner].state != PYSHIM_STACK_OPEN ? owner : 0;
}

/* The entry, when this may be done with it; otherwise it is complained of, and 0 returned. */
static uint32_t pyshim_core_stack_open(pyshim_core_stack_table *table, uintptr_t handle,
                                       pyshim_core_stack_use use,
                                       const pyshim_core_stack_place *at)
{
    uint32_t index = pyshim_core_stack_find(table, handle);
    const pyshim_core_stack_entry *entry = &table->entries[index];
    uint32_t owner;
    if (index == 0) {
        pyshim_core_stack_complain(table, PYSHIM_STACK_REF_FOREIGN, NULL, at);
        return 0;
    }
    if (entry->state != PYSHIM_STACK_OPEN) {
        int kind = pyshim_core_stack_mistake(use, entry->state);
        pyshim_core_stack_complain(table, kind, entry, at);
        return 0;
    }
    /* A borrow may end after its owner, whose end was complained of. */
    owner = use == PYSHIM_STACK_CLOSE ? 0 : pyshim_core_stack_lost_owner(table, entry);
    if (owner != 0) {
        pyshim_core_stack_complain(table, PYSHIM_STACK_REF_BORROWED_AFTER_CLOSE,
                                   &table->entries[owner], at);
        return 0;
    }
    return index;
}

/* Complains when a borrow of the entry is open, and says where that was made. */
static void pyshim_core_stack_not_borrowed(pyshim_core_stack_table *table, uint32_t index,
                                           const pyshim_core_stack_place *at)
{
    uintptr_t handle = pyshim_core_stack_handle(table, index);
    pyshim_core_stack_entry owner = table->entries[index];
    uint32_t i;
    if (owner.borrows == 0) {
        return;
    }
    for (i = 1; i < table->used; i++) {
        const pyshim_core_stack_entry *borrow = &table->entries[i];
        if (borrow->state == PYSHIM_STACK_OPEN && borrow->owner == handle) {
            owner.borrowed = borrow->created;
        }
    }
    pyshim_core_stack_complain(table, PYSHIM_STACK_REF_CLOSED_WHILE_BORROWED, &owner, at);
}
