#include "spelling.h"

void atomic_ref_store(CELL *cell, PyObject *op)
{
    CELL_STORE(cell, op);
}
