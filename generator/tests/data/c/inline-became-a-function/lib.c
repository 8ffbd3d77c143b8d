#include "api.h"
int one(void) { return 1; }
#ifdef NEW
int two(void) { return 2; }
#endif
