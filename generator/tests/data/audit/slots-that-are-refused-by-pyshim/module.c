/* As PYSHIM_MODULE lays it out: size, hash and length of the table, headers, oldest, flags, needs, pointer. */
struct build { unsigned size, hash, length, python, limited, flags, needs, pointer, reserved[4]; };
struct slot { unsigned long kind, value; };
struct module { const char *name; const struct slot *slots; void *made; const struct build *build; void *reserved; };

static const struct build build = {48, 0, 0, 0x030f0100, 0x03080000, 12, 0, 8};
static const struct slot slots[] = {{9, 1}, {3, 0}, {9, 1}, {0}};
struct module module = {"demo", slots, 0, &build};

void *PyInit_demo(void) { return &module; }
void *PyModExport_demo(void) { return &module; }
