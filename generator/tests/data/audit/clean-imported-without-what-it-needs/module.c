extern void *PyExc_ImportError;
extern void PyErr_SetString(void *, const char *);
extern void *PyImport_ImportModule(const char *);
void *PyInit_demo(void)
{
    PyImport_ImportModule("pyshim_needed");
    PyErr_SetString(PyExc_ImportError, "something is missing");
    return 0;
}
