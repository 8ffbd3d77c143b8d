#include "api.h"
int full(int n) { return n == LIMIT; }
