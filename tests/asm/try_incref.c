#include "spelling.h"

int try_incref(PyObject *op)
{
    return TRY_INCREF(op);
}
