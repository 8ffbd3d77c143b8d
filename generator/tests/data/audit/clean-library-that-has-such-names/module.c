struct definition { long head[5]; const char *name, *doc; long size; void *methods, *slots, *rest[3]; };
struct slot { int slot; void *value; };
extern void *PyModuleDef_Init(struct definition *), *PyDemo_New(void);

static struct slot slots[] = {{0}};
static struct definition definition = {{1}, "demo", 0, 0, 0, slots};

void *PyInit_demo(void) { return PyDemo_New() ? 0 : PyModuleDef_Init(&definition); }
