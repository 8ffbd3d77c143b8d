/* SPDX-License-Identifier: 0BSD */
/* Frames: scopes that stack references do not outlive. */

#include "stack_ref.h"

static void pyshim_core_stack_push(pyshim_core_stack_table *table, uintptr_t serial,
                                   const pyshim_core_stack_place *at)
{
    pyshim_core_stack_frame *frame;
    if (++table->depth == table->frames_room) {
        table->frames_room *= 2;
        table->frames = (pyshim_core_stack_frame *)pyshim_core_stack_grown(
            table->frames, table->frames_room, sizeof(*table->frames));
    }
    frame = &table->frames[table->depth];
    frame->serial = serial;
    frame->first = 0;
    frame->pushed = *at;
}

/* The index of the frame with this serial number; 0 where there is none. */
static uint32_t pyshim_core_stack_frame_of(const pyshim_core_stack_table *table, uintptr_t serial)
{
    uint32_t depth = table->depth;
    while (depth != 0 && table->frames[depth].serial != serial) {
        depth--;
    }
    return depth;
}

/* Moves what the innermost frame has to the one around it. */
static void pyshim_core_stack_hand_out(pyshim_core_stack_table *table)
{
    uint32_t index = table->frames[table->depth].first;
    while (index != 0) {
        uint32_t next = table->entries[index].next;
        pyshim_core_stack_unlink(table, index);
        pyshim_core_stack_link(table, index, table->depth - 1);
        index = next;
    }
    table->depth--;
}

/* Ends the borrows of the innermost frame, and complains of the references that are open in it. */
static void pyshim_core_stack_leave(pyshim_core_stack_table *table,
                                    const pyshim_core_stack_place *at)
{
    uint32_t index = table->frames[table->depth].first;
    while (index != 0) {
        uint32_t next = table->entries[index].next;
        if (table->entries[index].is_borrow) {
            pyshim_core_stack_end(table, index, PYSHIM_STACK_LEFT, at);
        } else {
            pyshim_core_stack_unlink(table, index);
            pyshim_core_stack_complain(table, PYSHIM_STACK_REF_LEAKED, &table->entries[index],
                                       at);
        }
        index = next;
    }
}

/* Leaves the frame at this depth, with those within it, whose references count as its own. The entry
 * that is kept goes to the frame around it. */
static void pyshim_core_stack_pop(pyshim_core_stack_table *table, uint32_t depth, uint32_t kept,
                                  const pyshim_core_stack_place *at)
{
    while (table->depth > depth) {
        pyshim_core_stack_hand_out(table);
    }
    if (kept != 0 && table->entries[kept].frame == depth) {
        pyshim_core_stack_unlink(table, kept);
        pyshim_core_stack_link(table, kept, depth - 1);
    }
    pyshim_core_stack_leave(table, at);
    table->depth--;
}
