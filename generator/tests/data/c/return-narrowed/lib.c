#include "api.h"
#ifdef OLD
long count(void) { return -1; }
#else
int count(void) { return -1; }
#endif
