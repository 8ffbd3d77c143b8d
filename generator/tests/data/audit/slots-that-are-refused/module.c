struct slot { unsigned short id, flags; unsigned reserved; void *value; };
struct abi { unsigned char major, minor; unsigned short flags; unsigned build, abi; };

static struct slot slots[] = {{100, 2, 0, "demo"}, {87, 4, 0, (void *)1}, {0}};

struct slot *PyModExport_demo(void) { return slots; }
