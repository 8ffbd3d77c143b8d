extern void *PyUnicode_New(void);
void *PyInit_demo(void) { return (void *)((long)PyUnicode_New()); }
