#include "api.h"
#ifdef OLD
int table[8] = {1, 2, 3, 4, 5, 6, 7, 8};
#else
int table[4] = {1, 2, 3, 4};
#endif
int first(void) { return table[0]; }
