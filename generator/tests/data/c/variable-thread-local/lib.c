#include "api.h"
#ifdef OLD
int last;
#else
__thread int last;
#endif
void set(int to) { last = to; }
