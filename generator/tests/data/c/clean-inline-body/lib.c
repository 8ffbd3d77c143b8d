#include "api.h"
int one(void) { return 1; }
