#include "api.h"
#ifdef OLD
long twice(long a) { return 2 * a; }
#else
long twice(int a) { return 2L * a; }
#endif
