#include "api.h"
#ifdef OLD
int area(int w, int h) { return w * h; }
#else
int area(int h) { return h * h; }
#endif
