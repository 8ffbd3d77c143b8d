extern void *PyModuleDef_Init(void);
void *PyInit_demo(void) { return (void *)((long)PyModuleDef_Init()); }
