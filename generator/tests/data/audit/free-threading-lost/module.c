void *PyInit_demo(void) { return 0; }
void *PyModExport_demo(void) { return 0; }
