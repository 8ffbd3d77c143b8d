extern void *PyModuleDef_Init(void);
extern void *PyList_GetItemRef(void);
void *PyInit_demo(void) { return (void *)((long)PyModuleDef_Init() + (long)PyList_GetItemRef()); }
