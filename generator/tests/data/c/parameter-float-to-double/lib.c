#include "api.h"
#ifdef OLD
double half(float a) { return a / 2; }
#else
double half(double a) { return a / 2; }
#endif
