#include "api.h"
int table[4] = {1, 2, 3, 4};
int first(void) { return table[0]; }
