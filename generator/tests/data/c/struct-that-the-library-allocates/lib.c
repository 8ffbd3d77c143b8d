#include "api.h"
struct s *make(void) { static struct s s = {4}; return &s; }
int get(const struct s *p) { return p->a; }
