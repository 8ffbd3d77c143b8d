void *PyInit_other(void) { return 0; }
