#include "api.h"
int height(const struct point *p) { return p->y; }
