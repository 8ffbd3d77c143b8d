#include "api.h"
int get(const struct s *p) { return (int)p->a * 10 + p->z; }
