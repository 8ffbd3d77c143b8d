/* What every CPython exports, and the stand-in cannot do: extensions are linked with it, and those under
 * test do not call it. */
#include "standin.h"

PyObject *PyMemoryView_FromObject(UNUSED PyObject *op)
{
    return PyErr_Format(PyExc_SystemError, "the stand-in has no memoryviews");
}

PyObject *PyWeakref_NewRef(UNUSED PyObject *op, UNUSED PyObject *callback)
{
    return PyErr_Format(PyExc_SystemError, "the stand-in has no weak references");
}
