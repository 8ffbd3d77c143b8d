void *PyInit_demo(void) { return 0; }
void *PyInit_other(void) { return 0; }
