extern void *PyErr_GetRaisedException(void);
void *library(void) { return PyErr_GetRaisedException(); }
