#include "api.h"
int width(const struct point *p) { return *(const int *)p; }
