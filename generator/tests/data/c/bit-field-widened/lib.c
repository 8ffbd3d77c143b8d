#include "api.h"
int second(const struct flags *f) { return f->b; }
