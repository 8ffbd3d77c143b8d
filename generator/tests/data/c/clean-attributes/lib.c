#include "api.h"
int one(void) { return 1; }
int two(const char *f) { return f[0]; }
