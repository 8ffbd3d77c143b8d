/* Each struct, bytes to fields and fields to bytes, against offsets that were computed without a
 * compiler. Needs no CPython, so it runs on every target that has a compiler. */
#ifndef @PREFIX@_NO_PYTHON_H
#define @PREFIX@_NO_PYTHON_H
#endif
#include "@prefix@.h"

#include <stdio.h>  /* printf */
#include <string.h> /* memcpy, memset */

