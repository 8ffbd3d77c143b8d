#include "api.h"
#ifdef OLD
const int level = 3;
#else
int level = 3;
#endif
int one(void) { return level; }
