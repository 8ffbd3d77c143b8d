extern void *PyPyModule_Create2(void);
void *PyInit_demo(void) { return PyPyModule_Create2(); }
