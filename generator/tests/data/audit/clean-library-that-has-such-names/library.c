void *PyDemo_New(void) { return 0; }
