#include "api.h"
int calc(int x) { return x; }
int keep(void) { return 0; }
