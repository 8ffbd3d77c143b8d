#include "api.h"
int one(void) { return 1; }
#ifdef OLD
int two(void) { return 2; }
#endif
