#include "api.h"
int width(const struct point *p) { return p->x; }
