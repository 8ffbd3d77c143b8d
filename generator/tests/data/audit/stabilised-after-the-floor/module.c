extern void *PyUnicode_AsUTF8AndSize(void);
void *PyInit_demo(void) { return (void *)((long)PyUnicode_AsUTF8AndSize()); }
