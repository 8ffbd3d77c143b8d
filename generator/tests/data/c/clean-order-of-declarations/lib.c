#include "api.h"
int one(struct s *s) { return s->a; }
int two(enum e e) { return e; }
