#include "api.h"
int get(const struct s *p) { return p->name[0]; }
