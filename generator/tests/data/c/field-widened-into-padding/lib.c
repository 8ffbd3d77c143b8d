#include "api.h"
long get(const struct s *p) { return p->b; }
