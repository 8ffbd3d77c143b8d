/* SPDX-License-Identifier: 0BSD */
/* The operations on stack references that can be checked. Where they are not, a word is the address
 * of its object, as it is without the checks. */

#include "stack_ref.h"

/* Handles are odd. */
static int pyshim_core_stack_is_handle(const void *word)
{
    return ((uintptr_t)word & 1) != 0;
}

static pyshim_core_stack_place pyshim_core_stack_at(const pyshim_stack_ref_place *place)
{
    pyshim_core_stack_place at = {place->file, place->length, place->line};
    return at;
}

/* The word of a new reference to the object, or of none. */
static void *pyshim_core_stack_word(PyObject *object, int is_borrow, uintptr_t owner,
                                    const pyshim_stack_ref_place *place)
{
    pyshim_core_stack_place at = pyshim_core_stack_at(place);
    pyshim_core_stack_table *table;
    uint32_t index;
    if (object == NULL || pyshim_core_stack_checks() == PYSHIM_STACK_OFF) {
        return object;
    }
    table = pyshim_core_stack_table_get();
    index = pyshim_core_stack_make(table, object, &at);
    table->entries[index].is_borrow = (unsigned char)is_borrow;
    table->entries[index].owner = owner;
    return (void *)pyshim_core_stack_handle(table, index);
}

/* The object of a word with which this may be done, or NULL. */
static PyObject *pyshim_core_stack_object(void *word, pyshim_core_stack_use use,
                                          const pyshim_stack_ref_place *place)
{
    pyshim_core_stack_place at = pyshim_core_stack_at(place);
    pyshim_core_stack_table *table;
    uint32_t index;
    if (!pyshim_core_stack_is_handle(word)) {
        return (PyObject *)word;
    }
    table = pyshim_core_stack_table_get();
    index = pyshim_core_stack_open(table, (uintptr_t)word, use, &at);
    if (index == 0) {
        return NULL;
    }
    if (use == PYSHIM_STACK_BORROW) {
        table->entries[index].borrowed = at;
    }
    return table->entries[index].object;
}

/* Ends a reference and returns its object, with the reference that was counted; or NULL. */
static PyObject *pyshim_core_stack_finish(void *word, pyshim_core_stack_use use, int state,
                                          const pyshim_stack_ref_place *place)
{
    PyObject *object = pyshim_core_stack_object(word, use, place);
    if (object != NULL && pyshim_core_stack_is_handle(word)) {
        pyshim_core_stack_place at = pyshim_core_stack_at(place);
        pyshim_core_stack_table *table = pyshim_core_stack_table_get();
        uint32_t index = pyshim_core_stack_find(table, (uintptr_t)word);
        pyshim_core_stack_not_borrowed(table, index, &at);
        pyshim_core_stack_end(table, index, state, &at);
    }
    return object;
}

void *pyshim_stack_ref_from_object_steal_at(PyObject *op, const pyshim_stack_ref_place *at)
{
    return pyshim_core_stack_word(op, 0, 0, at);
}

void *pyshim_stack_ref_from_object_new_at(PyObject *op, const pyshim_stack_ref_place *at)
{
    Py_IncRef(op);
    return pyshim_stack_ref_from_object_steal_at(op, at);
}

void *pyshim_stack_ref_from_object_borrow_at(PyObject *op, const pyshim_stack_ref_place *at)
{
    return pyshim_core_stack_word(op, 1, 0, at);
}

PyObject *pyshim_stack_ref_as_object_new_at(void *ref, const pyshim_stack_ref_place *at)
{
    PyObject *object = pyshim_core_stack_object(ref, PYSHIM_STACK_USE, at);
    Py_IncRef(object);
    return object;
}

PyObject *pyshim_stack_ref_as_object_steal_at(void *ref, const pyshim_stack_ref_place *at)
{
    return pyshim_core_stack_finish(ref, PYSHIM_STACK_STEAL, PYSHIM_STACK_STOLEN, at);
}

PyObject *pyshim_stack_ref_as_object_borrow_at(void *ref, const pyshim_stack_ref_place *at)
{
    return pyshim_core_stack_object(ref, PYSHIM_STACK_BORROW, at);
}

void *pyshim_stack_ref_dup_at(void *ref, const pyshim_stack_ref_place *at)
{
    PyObject *object = pyshim_stack_ref_as_object_new_at(ref, at);
    return pyshim_stack_ref_from_object_steal_at(object, at);
}

void *pyshim_stack_ref_borrow_at(void *ref, const pyshim_stack_ref_place *at)
{
    PyObject *object = pyshim_core_stack_object(ref, PYSHIM_STACK_BORROW, at);
    if (object != NULL && pyshim_core_stack_is_handle(ref)) {
        pyshim_core_stack_table *table = pyshim_core_stack_table_get();
        table->entries[pyshim_core_stack_find(table, (uintptr_t)ref)].borrows++;
        return pyshim_core_stack_word(object, 1, (uintptr_t)ref, at);
    }
    return object;
}

void pyshim_stack_ref_close_at(void *ref, const pyshim_stack_ref_place *at)
{
    Py_DecRef(pyshim_core_stack_finish(ref, PYSHIM_STACK_CLOSE, PYSHIM_STACK_CLOSED, at));
}

void pyshim_stack_ref_xclose_at(void *ref, const pyshim_stack_ref_place *at)
{
    pyshim_stack_ref_close_at(ref, at);
}

void pyshim_stack_ref_clear_at(pyshim_stack_ref *ref, const pyshim_stack_ref_place *at)
{
    void *word = ref->word;
    ref->word = NULL;
    pyshim_stack_ref_close_at(word, at);
}

PyObject *pyshim_stack_borrow_as_object_at(void *borrow, const pyshim_stack_ref_place *at)
{
    return pyshim_core_stack_object(borrow, PYSHIM_STACK_USE, at);
}

void *pyshim_stack_borrow_dup_at(void *borrow, const pyshim_stack_ref_place *at)
{
    return pyshim_stack_ref_dup_at(borrow, at);
}

void pyshim_stack_borrow_end_at(void *borrow, const pyshim_stack_ref_place *at)
{
    pyshim_core_stack_finish(borrow, PYSHIM_STACK_CLOSE, PYSHIM_STACK_CLOSED, at);
}

void pyshim_stack_ref_frame_push_at(pyshim_stack_ref_frame *frame,
                                    const pyshim_stack_ref_place *place)
{
    frame->serial = 0;
    if (pyshim_core_stack_checks() != PYSHIM_STACK_OFF) {
        pyshim_core_stack_place at = pyshim_core_stack_at(place);
        pyshim_core_stack_table *table = pyshim_core_stack_table_get();
        frame->serial = ++table->last_serial;
        pyshim_core_stack_push(table, frame->serial, &at);
    }
}

/* A frame whose pushes and pops do not pair is complained of by an entry that has only places. */
static void pyshim_core_stack_out_of_order(pyshim_core_stack_table *table,
                                           const pyshim_core_stack_place *pushed,
                                           const pyshim_core_stack_place *at)
{
    pyshim_core_stack_entry frame;
    memset(&frame, 0, sizeof(frame));
    frame.created = *pushed;
    pyshim_core_stack_complain(table, PYSHIM_STACK_REF_FRAME, &frame, at);
}

void *pyshim_stack_ref_frame_pop_at(pyshim_stack_ref_frame *frame, void *ref,
                                    const pyshim_stack_ref_place *place)
{
    pyshim_core_stack_place at = pyshim_core_stack_at(place);
    pyshim_core_stack_table *table;
    uint32_t depth, kept = 0;
    if (pyshim_core_stack_checks() == PYSHIM_STACK_OFF) {
        return ref;
    }
    table = pyshim_core_stack_table_get();
    if (ref != NULL) {
        kept = pyshim_core_stack_open(table, (uintptr_t)ref, PYSHIM_STACK_USE, &at);
        ref = kept != 0 ? ref : NULL;
    }
    depth = pyshim_core_stack_frame_of(table, frame->serial);
    if (depth != table->depth || depth == 0) {
        pyshim_core_stack_out_of_order(table, &table->frames[table->depth].pushed, &at);
    }
    if (depth != 0) {
        pyshim_core_stack_pop(table, depth, kept, &at);
    }
    return ref;
}
