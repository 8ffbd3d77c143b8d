#include "spelling.h"

PyObject *atomic_ref_load(CELL *cell)
{
    return CELL_LOAD(cell);
}
