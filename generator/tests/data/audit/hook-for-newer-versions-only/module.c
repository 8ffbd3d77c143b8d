extern void *PyABIInfo_Check(void);
void *PyModExport_demo(void) { return (void *)((long)PyABIInfo_Check()); }
