#include "api.h"
#ifdef OLD
int first(const int *a)
#else
int first(int *a)
#endif
{ return a[0]; }
