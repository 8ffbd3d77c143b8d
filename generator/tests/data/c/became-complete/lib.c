#include "api.h"
#ifdef OLD
struct s { int a; };
#endif
int get(const struct s *p) { return p->a; }
struct s *make(void) { static struct s s = {4}; return &s; }
