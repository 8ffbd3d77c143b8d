extern void *PyFuture_Now(void);
void *PyInit_demo(void) { return (void *)((long)PyFuture_Now()); }
