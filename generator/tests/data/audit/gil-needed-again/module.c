struct slot { int id; void *value; };
struct definition { long head[7]; const char *name, *doc; long size; void *methods, *slots, *rest[3]; };

static struct slot slots[] = {{3, (void *)2}, {0, 0}};
static struct definition definition = {{0, 1}, "demo", 0, 0, 0, slots, {0}};

extern void *PyModuleDef_Init(struct definition *);
void *PyInit_demo(void) { return PyModuleDef_Init(&definition); }
