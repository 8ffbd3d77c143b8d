#include "api.h"
int first(const struct flags *f) { return f->a; }
