#include "api.h"
#ifdef OLD
int frobnicate_all(int flags) { return flags; }
#else
int frobnicate_everything(int flags) { return flags; }
#endif
