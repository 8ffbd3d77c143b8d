#include "api.h"
#ifdef OLD
int f(const struct v *v) { return v->p(3); }
#else
int f(const struct v *v) { static const int three = 3; return v->p(&three); }
#endif
