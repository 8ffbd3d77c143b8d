#include "api.h"
#ifdef OLD
int clamp(int a) { return a > 100 ? 100 : a; }
#else
int clamp(unsigned a) { return a > 100 ? 100 : (int)a; }
#endif
