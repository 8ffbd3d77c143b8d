extern void *PyModuleDef_Init(void);
extern void *PyABIInfo_Check(void);
void *PyInit_demo(void) { return (void *)((long)PyModuleDef_Init() + (long)PyABIInfo_Check()); }
void *PyModExport_demo(void) { return (void *)((long)PyModuleDef_Init() + (long)PyABIInfo_Check()); }
