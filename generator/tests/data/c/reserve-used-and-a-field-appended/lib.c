#include "api.h"
int get(struct s *p) { return p->a; }
