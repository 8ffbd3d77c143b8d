extern void *PyModuleDef_Init(void), *PyUnicode_New(void);
void *PyInit_demo(void) { return PyUnicode_New() ? PyModuleDef_Init() : 0; }
