struct definition { long head[5]; const char *name, *doc; long size; void *methods, *slots, *rest[3]; };

static long slots[2];
static struct definition definition = {{1}, "größe", 0, 0, 0, slots};

extern void *PyModuleDef_Init(struct definition *);
void *PyInitU_gre_6ka8i(void) { return PyModuleDef_Init(&definition); }
