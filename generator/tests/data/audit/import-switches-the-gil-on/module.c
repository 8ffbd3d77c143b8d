struct definition { long head[7]; const char *name, *doc; long size; void *methods, *slots, *rest[3]; };

static struct definition definition = {{0, 1}, "demo", 0, -1, 0, 0, {0}};

extern void *PyModule_Create2(struct definition *, int);
void *PyInit_demo(void) { return PyModule_Create2(&definition, 1013); }
