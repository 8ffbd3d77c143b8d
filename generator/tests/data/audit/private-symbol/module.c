extern void *_PyObject_GetDictPtr(void);
void *PyInit_demo(void) { return (void *)((long)_PyObject_GetDictPtr()); }
