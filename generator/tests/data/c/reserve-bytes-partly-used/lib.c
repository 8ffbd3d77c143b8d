#include "api.h"
int get(const struct s *p) { return p->a * 10 + p->z; }
