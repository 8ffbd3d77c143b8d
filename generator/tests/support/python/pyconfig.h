/* The build that the compiler was told. */
#ifdef STANDIN_FREE_THREADED
#define Py_GIL_DISABLED 1
#endif
