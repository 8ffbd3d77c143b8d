#include "api.h"
#ifdef OLD
int run(const struct ops *o) { return o->open(1); }
#else
int run(const struct ops *o) { return o->open(1, 2); }
#endif
