#include "api.h"
#undef two
int two(void) { return 2; }
