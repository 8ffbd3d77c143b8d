extern void *PyExc_ImportError;
extern void PyErr_SetString(void *, const char *);
void *PyInit_demo(void)
{
    PyErr_SetString(PyExc_ImportError, "not today");
    return 0;
}
