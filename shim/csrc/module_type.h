/* SPDX-License-Identifier: 0BSD */
/* What is known of a pyshim_type. */
#ifndef PYSHIM_CORE_MODULE_TYPE_H
#define PYSHIM_CORE_MODULE_TYPE_H

/* What is made of a pyshim_type, once, in one block that is published and never written again. */
typedef struct pyshim_core_made_type {
    uintptr_t offset; /* of the data in an object; first, for pyshim_type_data */
    const void *token; /* of the module; NULL where that is not one of ours */
    pyshim_core_type_functions functions; /* the buffer functions, where no slot sets them */
    pyshim_core_type_slot *slots;
} pyshim_core_made_type;

/* The alignment that CPython gives objects. */
#define PYSHIM_CORE_ALIGNMENT (2 * sizeof(void *))

#endif
