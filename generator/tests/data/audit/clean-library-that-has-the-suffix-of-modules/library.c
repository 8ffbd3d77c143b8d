extern void *PyUnicode_New(void); void *library(void) { return PyUnicode_New(); }
