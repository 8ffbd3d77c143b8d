#include "api.h"
long get(const struct s *p) { return p->a; }
