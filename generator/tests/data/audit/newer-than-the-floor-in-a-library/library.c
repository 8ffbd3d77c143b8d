extern void *PyErr_GetRaisedException(void), *PyUnicode_New(long, int);
void *library(void) { return PyErr_GetRaisedException(); }
void *string(void) { return PyUnicode_New(1, 127); }
