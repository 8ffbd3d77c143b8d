struct definition { long head[5]; const char *name, *doc; long size; void *methods, *slots, *rest[3]; };
struct slot { int slot; void *value; };
extern void *PyModuleDef_Init(struct definition *);

static struct slot slots[] = {{0}};
static struct definition definition = {{1}, "de_mo", 0, 0, 0, slots};

void *PyInit_de_mo(void) { return PyModuleDef_Init(&definition); }
