#include "api.h"
#ifdef OLD
int frobnicate_all(int flags) { return flags; }
#else
int frobnicate_each(int flags) { return flags; }
#endif
