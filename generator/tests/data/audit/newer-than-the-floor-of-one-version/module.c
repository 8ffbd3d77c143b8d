extern void *PyList_GetItemRef(void);
void *PyInit_demo(void) { return (void *)((long)PyList_GetItemRef()); }
