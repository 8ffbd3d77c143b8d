#include "api.h"
int first(const struct point *p) { return p->x; }
