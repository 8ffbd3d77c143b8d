#include "api.h"
int get(const s_t *p) { return p->a; }
