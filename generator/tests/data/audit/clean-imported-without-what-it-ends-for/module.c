extern void PyErr_Clear(void);
extern void *PyImport_ImportModule(const char *);
extern int printf(const char *, ...);
extern void abort(void);
void *PyInit_demo(void)
{
    PyImport_ImportModule("pyshim_optional");
    PyErr_Clear();
    printf("demo: ");
    if (!PyImport_ImportModule("pyshim_needed"))
        abort();
    return 0;
}
