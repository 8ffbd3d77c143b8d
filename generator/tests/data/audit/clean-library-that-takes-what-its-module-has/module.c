struct definition { long head[5]; const char *name, *doc; long size; void *methods, *slots, *rest[3]; };
struct slot { int slot; void *value; };
extern void *PyModuleDef_Init(struct definition *), *library(void);

static struct slot slots[] = {{0}};
static struct definition definition = {{1}, "demo", 0, 0, 0, slots};

/* What CPython has since 3.12. */
void *PyErr_GetRaisedException(void) { return 0; }
void *PyInit_demo(void) { return library() ? 0 : PyModuleDef_Init(&definition); }
