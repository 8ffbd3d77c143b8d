#include "spelling.h"

PyObject *use(PyObject *op);

/* Everything at once: a frame, a reference and a second one, a borrow, and what is returned. */
REF stack_ref_frame(PyObject *op)
{
    FRAME frame;
    REF first, second;
    FRAME_PUSH(&frame);
    first = REF_NEW(op);
    second = REF_DUP(first);
    use(REF_BORROW(second));
    REF_CLOSE(first);
    return FRAME_POP(&frame, second);
}
