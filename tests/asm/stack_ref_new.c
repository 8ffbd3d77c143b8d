#include "spelling.h"

PyObject *stack_ref_new(PyObject *op)
{
    return REF_STEAL(REF_NEW(op));
}
