#include "api.h"
#ifdef OLD
int level = 3;
#endif
int one(void) { return 1; }
