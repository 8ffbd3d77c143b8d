void *PyInit_demo(void)
{
    for (volatile int n = 0;; n++) {
    }
}
