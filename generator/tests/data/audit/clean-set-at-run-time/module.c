/* Whether it needs the GIL is said by what it calls, which nobody sees who only reads. */
struct definition { long head[7]; const char *name, *doc; long size; void *methods, *slots, *rest[3]; };

static struct definition definition = {{0, 1}, "demo", 0, -1, 0, 0, {0}};

extern void *PyModule_Create2(struct definition *, int);
extern int PyUnstable_Module_SetGIL(void *, void *);
void *PyInit_demo(void)
{
    void *module = PyModule_Create2(&definition, 1013);
    PyUnstable_Module_SetGIL(module, (void *)1);
    return module;
}
