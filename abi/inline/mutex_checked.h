/* Files that are compiled with PYSHIM_CHECKABLE say how they use a mutex, and where. With PYSHIM_CHECK=1
 * in the environment one that is both locked directly and used in sections is reported on standard
 * error. */
#if defined(PYSHIM_CHECKABLE) && !defined(PYSHIM_IN_CORE)
static inline void pyshim_checked_mutex_lock(pyshim_mutex *mutex, const char *file, int line)
{
    pyshim_mutex_note(mutex, PYSHIM_MUTEX_USE_DIRECT, file, line);
    pyshim_mutex_lock(mutex);
}

static inline int pyshim_checked_mutex_try_lock(pyshim_mutex *mutex, const char *file, int line)
{
    pyshim_mutex_note(mutex, PYSHIM_MUTEX_USE_DIRECT, file, line);
    return pyshim_mutex_try_lock(mutex);
}

static inline void pyshim_checked_begin_mutex(pyshim_critical_section *cs, pyshim_mutex *mutex,
                                              const char *file, int line)
{
    pyshim_mutex_note(mutex, PYSHIM_MUTEX_USE_SECTION, file, line);
    pyshim_critical_section_begin_mutex(cs, mutex);
}

static inline void pyshim_checked_begin2_mutex(pyshim_critical_section2 *cs, pyshim_mutex *a,
                                               pyshim_mutex *b, const char *file, int line)
{
    pyshim_mutex_note(a, PYSHIM_MUTEX_USE_SECTION, file, line);
    pyshim_mutex_note(b, PYSHIM_MUTEX_USE_SECTION, file, line);
    pyshim_critical_section2_begin_mutex(cs, a, b);
}

#define pyshim_mutex_lock(mutex) pyshim_checked_mutex_lock(mutex, __FILE__, __LINE__)
#define pyshim_mutex_try_lock(mutex) pyshim_checked_mutex_try_lock(mutex, __FILE__, __LINE__)
#define pyshim_critical_section_begin_mutex(cs, mutex)                                             \
    pyshim_checked_begin_mutex(cs, mutex, __FILE__, __LINE__)
#define pyshim_critical_section2_begin_mutex(cs, a, b)                                             \
    pyshim_checked_begin2_mutex(cs, a, b, __FILE__, __LINE__)
#endif
