extern void *PyUnicode_New(void);
extern void *_PyObject_GetDictPtr(void);
void *PyInit_demo(void) { return (void *)((long)PyUnicode_New() + (long)_PyObject_GetDictPtr()); }
