#include "api.h"
#ifdef OLD
int area(int w) { return w * w; }
#else
int area(int w, int h) { return w * h; }
#endif
