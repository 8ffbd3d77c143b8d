#include "api.h"
#include <stdio.h>
int calc(int x) { return x; }
int keep(void) { return fflush(stdout); }
