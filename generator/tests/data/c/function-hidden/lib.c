#include "api.h"
int one(void) { return 1; }
#ifdef NEW
__attribute__((visibility("hidden")))
#endif
int two(void) { return 2; }
