extern void *PyModule_Create2(void);
void *PyInit_demo(void) { return PyModule_Create2(); }
