void *PyInit_demo(void) { return *(void *volatile *)16; }
