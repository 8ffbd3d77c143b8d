#include "api.h"
long get(const union u *p) { return p->a; }
