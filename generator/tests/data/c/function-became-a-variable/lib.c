#include "api.h"
#ifdef OLD
int level(void) { return 1; }
#else
int level = 1;
#endif
