#include "spelling.h"

void enable_try_incref(PyObject *op)
{
    ENABLE_TRY_INCREF(op);
}
