/* Every macro of the headers that becomes code of the caller's, as a module uses it. It is only
 * compiled, in every language, and does nothing itself that a strict compiler warns of. */
#define PYSHIM_CHECKABLE 1
#include "pyshim.h"

#if !(PYSHIM_MOD_GIL_SECTIONS & PYSHIM_MOD_GIL_ALL)
#error "bits can be asked for in conditions"
#endif

/* What a module has of its own and guards, which is not called PyObject. */
typedef struct thing {
    PyObject *head;
} thing;

extern void *const gil_value;
void *const gil_value = PYSHIM_MOD_GIL_VALUE(PYSHIM_MOD_GIL_SECTIONS | PYSHIM_MOD_GIL_SUCCESSOR);

extern int one(thing *own, const thing *constant, PyObject *op);
int one(thing *own, const thing *constant, PyObject *op)
{
    int n = 0;
    PYSHIM_BEGIN_CRITICAL_SECTION(own)
    n = 1;
    PYSHIM_END_CRITICAL_SECTION()
    PYSHIM_BEGIN_CRITICAL_SECTION2(op, constant)
    n = 2;
    PYSHIM_END_CRITICAL_SECTION2()
    return n;
}

extern int two(pyshim_mutex *mutex, pyshim_mutex *other);
int two(pyshim_mutex *mutex, pyshim_mutex *other)
{
    pyshim_critical_section cs;
    pyshim_critical_section2 cs2;
    int n = pyshim_mutex_try_lock(mutex);
    pyshim_mutex_unlock(mutex);
    pyshim_mutex_lock(mutex);
    pyshim_mutex_unlock(mutex);
    pyshim_critical_section_begin_mutex(&cs, other);
    pyshim_critical_section_end(&cs);
    pyshim_critical_section2_begin_mutex(&cs2, mutex, other);
    pyshim_critical_section2_end(&cs2);
    return n;
}
