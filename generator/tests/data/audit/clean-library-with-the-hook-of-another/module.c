extern void *PyModuleDef_Init(void);
void *PyInit_other(void) { return PyModuleDef_Init(); }
