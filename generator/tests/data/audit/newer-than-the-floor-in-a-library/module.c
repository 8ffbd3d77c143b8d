extern void *PyModuleDef_Init(void), *library(void);
void *module(void) { return library(); }
void *PyInit_demo(void) { return PyModuleDef_Init(); }
