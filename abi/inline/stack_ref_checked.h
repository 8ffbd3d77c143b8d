/* References that can be checked: what they are is looked up by the C core, with a line of source. */
#if defined(PYSHIM_STACK_REF_CHECKS) && !defined(PYSHIM_NO_PYTHON_H)
/* A line of source, on its way to the C core. */
static inline pyshim_stack_ref_place pyshim_stack_ref_place_of(const char *file, uint32_t length,
                                                               uint32_t line)
{
    pyshim_stack_ref_place place;
    place.file = file;
    place.length = length;
    place.line = line;
    place.reserved = PYSHIM_NULL;
    return place;
}

/* The line that is being compiled. */
#define PYSHIM_STACK_REF_HERE                                                                      \
    pyshim_stack_ref_place_of(__FILE__, sizeof(__FILE__) - 1, __LINE__)

/* Each function is a macro that passes this line on, by way of a function that takes the word out of
 * its struct and puts it into one: compilers do not agree on how structs are passed. */
static inline pyshim_stack_ref pyshim_checked_stack_ref_from_object_new(PyObject *op,
                                                                        pyshim_stack_ref_place at)
{
    pyshim_stack_ref ref;
    ref.word = pyshim_stack_ref_from_object_new_at(op, &at);
    return ref;
}
#define pyshim_stack_ref_from_object_new(op)                                                       \
    pyshim_checked_stack_ref_from_object_new((op), PYSHIM_STACK_REF_HERE)

static inline pyshim_stack_ref pyshim_checked_stack_ref_from_object_steal(PyObject *op,
                                                                          pyshim_stack_ref_place at)
{
    pyshim_stack_ref ref;
    ref.word = pyshim_stack_ref_from_object_steal_at(op, &at);
    return ref;
}
#define pyshim_stack_ref_from_object_steal(op)                                                     \
    pyshim_checked_stack_ref_from_object_steal((op), PYSHIM_STACK_REF_HERE)

static inline pyshim_stack_borrow pyshim_checked_stack_ref_from_object_borrow(PyObject *op,
                                                                              pyshim_stack_ref_place at)
{
    pyshim_stack_borrow borrow;
    borrow.word = pyshim_stack_ref_from_object_borrow_at(op, &at);
    return borrow;
}
#define pyshim_stack_ref_from_object_borrow(op)                                                    \
    pyshim_checked_stack_ref_from_object_borrow((op), PYSHIM_STACK_REF_HERE)

static inline PyObject *pyshim_checked_stack_ref_as_object_new(pyshim_stack_ref ref,
                                                               pyshim_stack_ref_place at)
{
    return pyshim_stack_ref_as_object_new_at(ref.word, &at);
}
#define pyshim_stack_ref_as_object_new(ref)                                                        \
    pyshim_checked_stack_ref_as_object_new((ref), PYSHIM_STACK_REF_HERE)

static inline PyObject *pyshim_checked_stack_ref_as_object_steal(pyshim_stack_ref ref,
                                                                 pyshim_stack_ref_place at)
{
    return pyshim_stack_ref_as_object_steal_at(ref.word, &at);
}
#define pyshim_stack_ref_as_object_steal(ref)                                                      \
    pyshim_checked_stack_ref_as_object_steal((ref), PYSHIM_STACK_REF_HERE)

static inline PyObject *pyshim_checked_stack_ref_as_object_borrow(pyshim_stack_ref ref,
                                                                  pyshim_stack_ref_place at)
{
    return pyshim_stack_ref_as_object_borrow_at(ref.word, &at);
}
#define pyshim_stack_ref_as_object_borrow(ref)                                                     \
    pyshim_checked_stack_ref_as_object_borrow((ref), PYSHIM_STACK_REF_HERE)

static inline pyshim_stack_ref pyshim_checked_stack_ref_dup(pyshim_stack_ref ref,
                                                            pyshim_stack_ref_place at)
{
    pyshim_stack_ref fresh;
    fresh.word = pyshim_stack_ref_dup_at(ref.word, &at);
    return fresh;
}
#define pyshim_stack_ref_dup(ref) pyshim_checked_stack_ref_dup((ref), PYSHIM_STACK_REF_HERE)

static inline pyshim_stack_borrow pyshim_checked_stack_ref_borrow(pyshim_stack_ref ref,
                                                                  pyshim_stack_ref_place at)
{
    pyshim_stack_borrow borrow;
    borrow.word = pyshim_stack_ref_borrow_at(ref.word, &at);
    return borrow;
}
#define pyshim_stack_ref_borrow(ref) pyshim_checked_stack_ref_borrow((ref), PYSHIM_STACK_REF_HERE)

static inline void pyshim_checked_stack_ref_close(pyshim_stack_ref ref, pyshim_stack_ref_place at)
{
    pyshim_stack_ref_close_at(ref.word, &at);
}
#define pyshim_stack_ref_close(ref) pyshim_checked_stack_ref_close((ref), PYSHIM_STACK_REF_HERE)

static inline void pyshim_checked_stack_ref_xclose(pyshim_stack_ref ref, pyshim_stack_ref_place at)
{
    pyshim_stack_ref_xclose_at(ref.word, &at);
}
#define pyshim_stack_ref_xclose(ref) pyshim_checked_stack_ref_xclose((ref), PYSHIM_STACK_REF_HERE)

static inline void pyshim_checked_stack_ref_clear(pyshim_stack_ref *ref, pyshim_stack_ref_place at)
{
    pyshim_stack_ref_clear_at(ref, &at);
}
#define pyshim_stack_ref_clear(ref) pyshim_checked_stack_ref_clear((ref), PYSHIM_STACK_REF_HERE)

static inline PyObject *pyshim_checked_stack_borrow_as_object(pyshim_stack_borrow borrow,
                                                              pyshim_stack_ref_place at)
{
    return pyshim_stack_borrow_as_object_at(borrow.word, &at);
}
#define pyshim_stack_borrow_as_object(borrow)                                                      \
    pyshim_checked_stack_borrow_as_object((borrow), PYSHIM_STACK_REF_HERE)

static inline pyshim_stack_ref pyshim_checked_stack_borrow_dup(pyshim_stack_borrow borrow,
                                                               pyshim_stack_ref_place at)
{
    pyshim_stack_ref ref;
    ref.word = pyshim_stack_borrow_dup_at(borrow.word, &at);
    return ref;
}
#define pyshim_stack_borrow_dup(borrow)                                                            \
    pyshim_checked_stack_borrow_dup((borrow), PYSHIM_STACK_REF_HERE)

static inline void pyshim_checked_stack_borrow_end(pyshim_stack_borrow borrow,
                                                   pyshim_stack_ref_place at)
{
    pyshim_stack_borrow_end_at(borrow.word, &at);
}
#define pyshim_stack_borrow_end(borrow)                                                            \
    pyshim_checked_stack_borrow_end((borrow), PYSHIM_STACK_REF_HERE)

static inline void pyshim_checked_stack_ref_frame_push(pyshim_stack_ref_frame *frame,
                                                       pyshim_stack_ref_place at)
{
    pyshim_stack_ref_frame_push_at(frame, &at);
}
#define pyshim_stack_ref_frame_push(frame)                                                         \
    pyshim_checked_stack_ref_frame_push((frame), PYSHIM_STACK_REF_HERE)

static inline pyshim_stack_ref pyshim_checked_stack_ref_frame_pop(pyshim_stack_ref_frame *frame,
                                                                  pyshim_stack_ref ref,
                                                                  pyshim_stack_ref_place at)
{
    pyshim_stack_ref fresh;
    fresh.word = pyshim_stack_ref_frame_pop_at(frame, ref.word, &at);
    return fresh;
}
#define pyshim_stack_ref_frame_pop(frame, ref)                                                     \
    pyshim_checked_stack_ref_frame_pop((frame), (ref), PYSHIM_STACK_REF_HERE)
#endif
