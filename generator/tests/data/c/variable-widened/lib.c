#include "api.h"
#ifdef OLD
int level = 3;
#else
long level = 3;
#endif
void raise(void) { level += 1; }
