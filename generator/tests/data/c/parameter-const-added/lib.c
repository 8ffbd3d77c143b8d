#include "api.h"
#ifdef OLD
int first(int *a)
#else
int first(const int *a)
#endif
{ return a[0]; }
