#include "api.h"
#ifdef OLD
int is_one(long double x) { return x == 1; }
#else
int is_one(__float128 x) { return x == 1; }
#endif
