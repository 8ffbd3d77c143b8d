#include "api.h"
#ifdef OLD
double scale(int by, double what) { return by * what; }
#else
double scale(double by, long what) { return by * what; }
#endif
