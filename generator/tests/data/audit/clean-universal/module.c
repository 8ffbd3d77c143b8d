/* The module's own names are no offence, whatever they are called. */
void *_Py_IncRef(void *object) { return object; }
extern void *PyModuleDef_Init(void);
void *PyInit_demo(void) { return (void *)((long)PyModuleDef_Init()); }
void *PyModExport_demo(void) { return (void *)((long)PyModuleDef_Init()); }
