void *PyInit_demo(void) { return 0; }
