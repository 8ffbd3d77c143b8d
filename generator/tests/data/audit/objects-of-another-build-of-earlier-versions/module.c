/* As headers of 3.13t have it: without the flag that later ones give to what is laid out in a file. */
struct definition { unsigned long head[7]; const char *name, *doc; long size; void *methods, *slots, *rest[3]; };
struct slot { int slot; void *value; };
extern void *PyModuleDef_Init(struct definition *);

static struct slot slots[] = {{4, (void *)1}, {0}};
static struct definition definition = {{0, ~0UL << 32}, "demo", 0, 0, 0, slots};

void *PyInit_demo(void) { return PyModuleDef_Init(&definition); }
