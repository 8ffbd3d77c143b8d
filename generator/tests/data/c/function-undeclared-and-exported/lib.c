#include "api.h"
int two(void);
int two(void) { return 2; }
int one(void) { return 1; }
