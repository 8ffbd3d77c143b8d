extern void *PyModuleDef_Init(void);
__attribute__((visibility("hidden"))) void *PyInit_demo(void) { return PyModuleDef_Init(); }
void *other(void) { return PyInit_demo(); }
