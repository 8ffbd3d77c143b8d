/* SPDX-License-Identifier: 0BSD */
/* Stack references. Where they are plain reference counting, callers do that themselves and nothing
 * of it is here. */

#if !defined(PYSHIM_SHARED)
/* Callers of one kind ask for one of the two, which is what keeps the kinds apart. An optimiser of
 * the whole program does not see that they do. */
#if defined(_MSC_VER) && !defined(__clang__)
#define PYSHIM_STACK_REF_USED
#else
#define PYSHIM_STACK_REF_USED __attribute__((used))
#endif
#ifdef PYSHIM_STACK_REF_CHECKS
extern PYSHIM_HIDDEN const char pyshim_compiled_with_PYSHIM_STACK_REF_CHECKS;
PYSHIM_STACK_REF_USED const char pyshim_compiled_with_PYSHIM_STACK_REF_CHECKS = 1;
#else
extern PYSHIM_HIDDEN const char pyshim_compiled_without_PYSHIM_STACK_REF_CHECKS;
PYSHIM_STACK_REF_USED const char pyshim_compiled_without_PYSHIM_STACK_REF_CHECKS = 1;
#endif
#endif

#ifdef PYSHIM_STACK_REF_CHECKS

#include "stack_ref_mode.c"
#include "stack_ref_report.c"
#include "stack_ref_table.c"
#include "stack_ref_frame.c"
#include "stack_ref_thread.c"
#include "stack_ref_checked.c"

#else

int pyshim_stack_ref_checking(void)
{
    return 0;
}

void pyshim_stack_ref_keep_reports(int keep)
{
    (void)keep;
}

int pyshim_stack_ref_take_report(pyshim_stack_ref_report *report)
{
    (void)report;
    return 0;
}

#endif
