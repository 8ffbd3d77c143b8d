#include "api.h"
#ifdef OLD
long twice(int a) { return 2L * a; }
#else
long twice(long a) { return 2 * a; }
#endif
