/* The C core in one translation unit: compile this file into the extension, with `include/` and
 * this folder among the include folders, and in the same mode as the rest of the extension: full
 * API, Py_LIMITED_API, Py_TARGET_ABI3T, or PYSHIM_NO_PYTHON_H for callers without Python.h.
 *
 * SPDX-License-Identifier: 0BSD */

#ifdef __cplusplus
#error "pyshim: compile pyshim.c as C, also in a C++ project; the headers are for both"
#endif

/* A universal module brings functions under names that Python.h declares. */
#if defined(PYSHIM_UNIVERSAL) && !defined(PYSHIM_NO_PYTHON_H)
#define PYSHIM_NO_PYTHON_H 1
#endif

#if defined(PYSHIM_NO_PYTHON_H) && defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE 1 /* dladdr, dl_iterate_phdr, RTLD_DEFAULT; Python.h brings it otherwise */
#endif

/* The functions that table mode calls are defined here, so they are declared in no other way. */
#ifndef PYSHIM_FORCE_TABLE
#define PYSHIM_FORCE_TABLE 1
#endif

/* What the headers do for callers is not done to the functions that they call. */
#define PYSHIM_IN_CORE 1

#include "pyshim.h"
#ifdef PYSHIM_NO_PYTHON_H
#include "no_python.h"
#endif

#include "core.h"

#include "pending.c"
#include "symbols.c"
#include "hazard.c"
#include "atomic_ref.c"
#include "try_incref.c"
#include "critical_section.c"
#include "publish.h"
#include "generated/dispatch.c"
#include "early.c"
#include "attachment.c"
#include "parking.c"
#include "mutex.c"
#include "mutex_check.c"
#include "section_mutex.c"
#include "once.c"
#include "report.c"
#include "runtime.c"
#include "probe.c"
#include "load.c"
#include "gil.c"
#include "slots.c"
#include "module.c"
#include "registry.c"
#include "heap_type.c"
#include "module_made.c"
#include "module_type_base.c"
#include "module_type_state.c"
#include "module_type.c"
#include "supplied.c"
#include "home.c"
#include "interpreter_guard.c"
#include "view_table.c"
#include "view.c"
#include "ending.c"
#include "view_object.c"
#include "stack_ref.c"
