#include "api.h"
#ifdef NEW
static
#endif
int two(void) { return 2; }
int one(void) { return two() - 1; }
