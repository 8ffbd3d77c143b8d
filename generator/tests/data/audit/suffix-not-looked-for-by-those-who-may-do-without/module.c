/* 3.12 has it, and those that do not look for the file need not. */
extern void *PyModuleDef_Init(void), *PyType_FromMetaclass(void);
void *PyInit_demo(void) { return PyType_FromMetaclass() ? PyModuleDef_Init() : 0; }
