/* The C core, for build systems that take no file from outside of the project: a C file of it that has
 * nothing but `#include "pyshim/core.c"` is that.
 *
 * SPDX-License-Identifier: 0BSD */

#include "../../src/pyshim.c"
