#include "api.h"
#ifdef OLD
int area(int x) { return x; }
#else
int area_old(int x) { return x; }
__asm__(".symver area_old, area@LIB_1");
#endif
int keep(void) { return 0; }
