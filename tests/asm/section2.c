#include "spelling.h"

void work(PyObject *a, PyObject *b);

void section2(PyObject *a, PyObject *b)
{
    BEGIN2(a, b);
    work(a, b);
    END2();
}
