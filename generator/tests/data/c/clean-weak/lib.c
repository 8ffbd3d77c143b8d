#include "api.h"
#ifdef NEW
__attribute__((weak))
#endif
int one(void) { return 1; }
