extern void *Py_BytesMain(void);
void *PyInit_demo(void) { return (void *)((long)Py_BytesMain()); }
void *PyModExport_demo(void) { return (void *)((long)Py_BytesMain()); }
