#include "api.h"
#ifdef OLD
int area(int x) { return x; }
#else
int area_old(int x) { return x; }
long area_new(long x) { return x; }
__asm__(".symver area_old, area@LIB_1");
__asm__(".symver area_new, area@@LIB_2");
#endif
