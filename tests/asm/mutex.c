#include "spelling.h"

void work(PyObject *op);

void mutex(MUTEX *m, PyObject *op)
{
    LOCK(m);
    work(op);
    UNLOCK(m);
}
