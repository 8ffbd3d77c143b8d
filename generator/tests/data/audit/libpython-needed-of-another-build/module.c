void *PyModExport_demo(void) { return 0; }
