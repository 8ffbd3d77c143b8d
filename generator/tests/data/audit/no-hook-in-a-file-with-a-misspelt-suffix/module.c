extern void *PyModuleDef_Init(void);
void *PyInit_demo(void) { return PyModuleDef_Init(); }
