#include "api.h"
#ifdef OLD
int run(unsigned m)
#else
int run(enum mode m)
#endif
{ return m == SLOW; }
