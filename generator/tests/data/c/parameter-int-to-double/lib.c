#include "api.h"
#ifdef OLD
int half(int a) { return a / 2; }
#else
int half(double a) { return (int)(a / 2); }
#endif
