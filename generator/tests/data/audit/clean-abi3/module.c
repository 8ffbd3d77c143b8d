extern void *PyModuleDef_Init(void);
extern void *PyList_New(void);
extern void *_Py_Dealloc(void);
void *PyInit_demo(void) { return (void *)((long)PyModuleDef_Init() + (long)PyList_New() + (long)_Py_Dealloc()); }
