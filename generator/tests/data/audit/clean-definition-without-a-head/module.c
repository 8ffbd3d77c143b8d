struct definition { long head[5]; const char *name, *doc; long size; void *methods, *slots, *rest[3]; };
struct slot { int slot; void *value; };
extern void *PyModuleDef_Init(struct definition *);

static struct slot slots[] = {{0}};
/* It is where free-threaded builds have the count of references of what follows. */
static long other[4] = {3, 3, 3, 3};
/* CPython fills the head in. */
static struct definition definition = {{0}, "demo", 0, 0, 0, slots};

void *PyInit_demo(void) { return other[0] == 3 ? PyModuleDef_Init(&definition) : 0; }
