#include "api.h"
int get(const struct s *p, int i, int j) { return p->m[i][j]; }
