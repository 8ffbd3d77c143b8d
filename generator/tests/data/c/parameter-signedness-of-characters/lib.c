#include "api.h"
#ifdef OLD
unsigned length(const char *t)
#else
unsigned length(const unsigned char *t)
#endif
{ unsigned n = 0; while (t[n]) n++; return n; }
