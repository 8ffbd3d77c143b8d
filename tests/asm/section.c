#include "spelling.h"

void work(PyObject *op);

void section(PyObject *op)
{
    BEGIN(op);
    work(op);
    END();
}
