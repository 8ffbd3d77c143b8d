struct definition { long head[5]; const char *name, *doc; long size; void *methods, *slots, *rest[3]; };
struct slot { int slot; void *value; };
extern void *PyModuleDef_Init(struct definition *);

static struct slot slots[] = {{0}};
static struct definition definition = {{1}, "demo", 0, 0, 0, slots};

/* CPython finds it, for it looks in what the module needs as well. */
void *PyInit_demo(void) { return PyModuleDef_Init(&definition); }
void *PyDemo_New(void) { return 0; }
