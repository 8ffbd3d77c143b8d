#include "api.h"
int negative(const struct s *p) { return p->a > 1000 ? 1 : p->a < 0 ? -1 : 0; }
