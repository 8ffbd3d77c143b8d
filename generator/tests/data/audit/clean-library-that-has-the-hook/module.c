extern void *PyDemo_New(void); void *module(void) { return PyDemo_New(); }
