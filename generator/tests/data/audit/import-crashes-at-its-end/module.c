struct definition { long head[5]; const char *name, *doc; long size; void *rest[5]; };

static struct definition definition = {{1}, "demo", 0, -1};

extern void PyErr_Clear(void);
extern void *PyImport_ImportModule(const char *);
extern void *PyModule_Create2(struct definition *, int);
extern int Py_AtExit(void (*)(void));
extern void abort(void);
void *PyInit_demo(void)
{
    PyImport_ImportModule("pyshim_optional");
    PyErr_Clear();
    Py_AtExit(abort);
    return PyModule_Create2(&definition, 3);
}
