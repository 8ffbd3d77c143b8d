/* A mutex on every CPython: where there is no PyMutex, the locks were macros that did nothing.
 * SPDX-License-Identifier: 0BSD
 */
#ifndef CEREGGII_PY_MUTEX_H
#define CEREGGII_PY_MUTEX_H

#include "pyshim.h"

#endif
