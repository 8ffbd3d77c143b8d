#include "api.h"
int get(const struct s *p) { return p->b; }
