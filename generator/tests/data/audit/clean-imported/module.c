struct definition { long head[5]; const char *name, *doc; long size; void *rest[5]; };

static struct definition definition = {{1}, "demo", 0, -1};

extern void *PyModule_Create2(struct definition *, int);
void *PyInit_demo(void) { return PyModule_Create2(&definition, 3); }
