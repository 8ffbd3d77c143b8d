#include "api.h"
#ifdef OLD
int read(int *a) { return *a; }
#else
int read(int **a) { return **a; }
#endif
