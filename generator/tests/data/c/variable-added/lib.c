#include "api.h"
#ifdef NEW
int level = 3;
#endif
int one(void) { return 1; }
