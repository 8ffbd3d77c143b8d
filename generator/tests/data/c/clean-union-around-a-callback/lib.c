#include "api.h"
int f(const struct v *v) { return v->p(3); }
