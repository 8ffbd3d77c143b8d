#include "api.h"
static long last;
#ifdef OLD
void put(const char *name, long at)
#else
void put(long at, const char *name)
#endif
{ last = at; (void)name; }
long got(void) { return last; }
