#include "api.h"
int get(const struct out *p) { return p->b; }
