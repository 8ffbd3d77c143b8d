extern void *PyDict_New(void); void *library(void) { return PyDict_New(); }
